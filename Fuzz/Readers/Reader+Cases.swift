import PlumbCases
import PlumbFuzzing

/// Any line gives a case or an error; a case that is written again reads the same, alone and in a corpus.
func readCase(_ bytes: [UInt8]) throws(BrokenPromise) -> Bool {
  let text = String(decoding: bytes, as: UTF8.self)
  let input: Void? = try answer {
    let line = CaseLine(try CaseLine.parse(text)).text
    let again = CaseLine(try CaseLine.parse(line)).text
    try expect(again == line, "\(line) reads otherwise the second time")
  }
  _ = try answer {
    let entry = try CorpusEntry(parsing: text, line: 1)
    // Of a NaN no equation holds, so that the words are compared.
    let again = try CorpusEntry(parsing: entry.text, line: 1)
    try expect(again.text == entry.text, "\(entry.text) reads otherwise")
  }
  return input != nil
}
