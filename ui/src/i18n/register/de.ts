/**
 * What becomes of what the register names when a person is erased, by the name of the table or kind of file, in German:
 * the server says it in English. `NAME copy` says why a person's copy does not have it. A test compares the names.
 */
const de: Readonly<Record<string, string>> = {
  accounts_auditentry:
    "Bleibt: Es nennt eine Person nur mit ihrer Nummer, und seine Kette aus Prüfsummen ginge kaputt. Die Adressen darin sind die von Mitgliedern und Schlüsseln.",
  "files.copy": "Jede Kopie, die vorher für eine Person gemacht oder begonnen wurde, wird entfernt.",
  "files.copy copy": "Das ist der Download selbst.",
  "files.delivered":
    "Wird nicht erreicht: Es liegt dort, wohin Exporte geliefert wurden. Die Bescheinigung sagt, wie viele Dateien es sind und wo.",
  "files.delivered copy": "Eine Kopie von Werten, für die, denen der Ort gehört.",
  "files.errors": "Wird entfernt, mit denen der Importe der Person.",
  "files.errors copy": "Das sind Kopien dessen, was die anderen Teile des Downloads enthalten.",
  "files.export":
    "Jeder Export, der vorher gemacht oder begonnen wurde, wird entfernt: Er lässt sich noch einmal machen.",
  "files.export copy": "Eine Kopie von Werten, für Mitglieder.",
  "files.frozen":
    "Bleibt höchstens 30 Tage: nur Nummern. Aufträge übergehen Nummern von Personen, die es nicht mehr gibt.",
  "files.ledger":
    "Entsteht beim Löschen: Nummern und Prüfsummen mit Schlüssel, damit nach einer Wiederherstellung noch einmal gelöscht wird.",
  "files.part":
    "Wird entfernt: Ein Auftrag, der daran schreibt, wird vorher fertig. Einer, der nicht gut ausgegangen ist, beginnt von vorn.",
  "files.part copy": "Das sind Kopien dessen, was die anderen Teile des Downloads enthalten.",
  "files.table": "Wird mit dem Import entfernt, wo es die Person enthält.",
  "files.table copy":
    "In der Datei stehen auch andere. Was aus ihr übernommen wurde, ist bei den Werten, und die Zeilen sind dabei.",
  "files.upload": "Wird mit dem Import entfernt, wo es die Person enthält.",
  "files.upload copy":
    "In der Datei stehen auch andere. Was aus ihr übernommen wurde, ist bei den Werten, und die Zeilen sind dabei.",
  "index.events": "Wird aus dem Index entfernt, mit den Teilen von ihm, in denen sie standen.",
  "index.merges": "Wird aus dem Index entfernt.",
  "index.people": "Wird aus dem Index entfernt, mit den Teilen von ihm, in denen die Werte standen.",
  "index.people copy": "Eine Kopie von people_person, für Filter.",
  "index.transitions": "Wird aus dem Index entfernt.",
  jobs_job: "Worum beendete Aufträge gebeten wurden und was sie ergaben, wird entfernt, wo es die Person nennt.",
  "jobs_job copy":
    "Was Mitglieder dem System auftrugen, etwa eine Änderung an vielen; was daraus wurde, ist bei den Werten.",
  jobs_storedfile:
    "Geht mit der Datei; nur wer sie hochgeladen oder bestellt hat, könnte eine Person in den Namen geschrieben haben.",
  "jobs_storedfile copy": "Das sind Kopien dessen, was die anderen Teile des Downloads enthalten.",
  people_change: "Die Ereignisse der Person werden aus jedem Eintrag genommen; was bleibt, nennt Nummern.",
  "people_change copy": "Das Protokoll, aus dem der Index entsteht; die Ereignisse darin sind die von index.events.",
  people_identity: "Wird entfernt. Von jeder bleibt eine Prüfsumme mit Schlüssel als Grabstein.",
  people_legalhold: "Bleibt, bis sie aufgehoben wird: eine Nummer. Solange sie gilt, wird niemand gelöscht.",
  people_mergerecord: "Wird entfernt.",
  people_mergesuggestion: "Wird entfernt.",
  people_note: "Wird entfernt.",
  people_person: "Wird geleert. Die Nummer bleibt, ohne Inhalt, damit sie nie jemand anderes bekommt.",
  people_rejectedvalue: "Wird entfernt.",
  people_tombstone:
    "Entsteht beim Löschen: eine Prüfsumme mit dem Schlüssel der Installation, die aufhält, was von der Person noch kommt.",
  privacy_erasure: "Bleibt als Beleg: Nummern und Prüfsummen mit Schlüssel, die zu niemandem führen.",
  segments_bulkundo: "Die Person wird herausgenommen.",
  "segments_bulkundo copy": "Werte, die eine Änderung an vielen ersetzt hat, für höchstens sieben Tage.",
  segments_bulkundopart: "Die Person wird herausgenommen.",
  "segments_bulkundopart copy": "Werte, die eine Änderung an vielen ersetzt hat, für höchstens sieben Tage.",
  segments_membershiplog: "Bleibt, bis es gekürzt wird: Mengen von Nummern, die zu niemandem mehr führen.",
  segments_membershipsnapshot: "Die Nummer verlässt die Menge, sobald der Index der Änderung folgt.",
  segments_staticmember: "Wird entfernt, sobald der Index der Änderung folgt.",
  tracking_idconflict: "Das Beispiel eines Ereignisses wird entfernt, wo es die Person nennt; die Anzahl bleibt.",
  "tracking_idconflict copy":
    "Ein Beispiel für ein Ereignis, das zweimal mit anderem Inhalt kam; das erste ist bei den Ereignissen.",
  tracking_messageid: "Bleibt 30 Tage: Prüfsummen, an denen ein noch einmal gesendetes Ereignis erkannt wird.",
  tracking_quarantine: "Wird entfernt, wo es die Person mit einer Kennung nennt.",
  tracking_rawbatch:
    "Was vorher angenommen wurde, wird binnen Sekunden verarbeitet und entfernt, bevor das Löschen weitergeht.",
  "tracking_rawbatch copy": "Es ist nur Sekunden da; dann ist es bei den Ereignissen.",
  transfers_import: "Wird mit dem Import entfernt, wo es die Person enthält.",
  "transfers_import copy":
    "In der Datei stehen auch andere. Was aus ihr übernommen wurde, ist bei den Werten, und die Zeilen sind dabei.",
  transfers_importrow: "Wird mit dem Import entfernt, wo es die Person enthält.",
};

export default de;
