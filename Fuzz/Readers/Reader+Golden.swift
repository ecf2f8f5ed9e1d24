import PlumbFormats
import PlumbGolden

/// Any text, behind the checksum that it should have, gives goldens or an error; goldens that are written again read the same.
func readGolden(_ bytes: [UInt8]) throws(BrokenPromise) -> Bool {
  let content = String(decoding: bytes, as: UTF8.self)
  // Whole lines: the checksum is a line of its own.
  let text = ChecksumLine.plain.sealed(content.utf8.last == UInt8(ascii: "\n") ? content : content + "\n")
  guard let file = try answer({ try GoldenFile(text: text, file: "input.golden") }) else { return false }
  let written = file.text
  let again = try answer { try GoldenFile(text: written, file: "again.golden") }
  try expect(again?.cases.count == file.cases.count && again?.text == written, "written goldens read otherwise")
  return true
}
