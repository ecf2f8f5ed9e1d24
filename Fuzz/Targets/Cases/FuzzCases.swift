import FuzzSupport
import PlumbDrift
import PlumbFuzzing

/// Any line gives a case or an error; a case that is written again reads the same, alone and in a corpus.
@_cdecl("LLVMFuzzerTestOneInput")
public func test(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let text = String(decoding: unsafe input(start, count), as: UTF8.self)
  do {
    let line = CaseLine(try CaseLine.parse(text)).text
    let again = CaseLine(try CaseLine.parse(line)).text
    precondition(again == line, "\(line) reads otherwise the second time")
  } catch { check(error) }
  do {
    let entry = try CorpusEntry(parsing: text, line: 1)
    // Of a NaN no equation holds, so that the words are compared.
    let again = try CorpusEntry(parsing: entry.text, line: 1)
    precondition(again.text == entry.text, "\(entry.text) reads otherwise")
  } catch { check(error) }
  return 0
}
