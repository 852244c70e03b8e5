"""Write the operators as the API gives them out to standard output: what the web app's completion is tested with."""

import json
import sys

from coterie.filters.menus import menus

if __name__ == "__main__":
    json.dump(menus(), sys.stdout, indent=1, ensure_ascii=False)
    print()
