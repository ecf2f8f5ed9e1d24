import FuzzSupport
import PlumbDrift
import PlumbFormats

/// Any text, behind the checksum that it should have, gives goldens or an error; goldens that are written again read the same.
@_cdecl("LLVMFuzzerTestOneInput")
public func test(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let content = String(decoding: unsafe input(start, count), as: UTF8.self)
  // Whole lines: the checksum is a line of its own.
  let text = ChecksumLine.plain.sealed(content.hasSuffix("\n") ? content : content + "\n")
  do {
    let file = try GoldenFile(text: text, file: "input.golden")
    let written = file.text
    let again = try GoldenFile(text: written, file: "again.golden")
    precondition(again.cases.count == file.cases.count && again.text == written, "written goldens read otherwise")
  } catch { check(error) }
  return 0
}
