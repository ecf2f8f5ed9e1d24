import FuzzSupport
import PlumbDrift

/// Any text gives goldens or an error; goldens that are written again read the same.
@_cdecl("LLVMFuzzerTestOneInput")
public func test(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let text = String(decoding: unsafe input(start, count), as: UTF8.self)
  do {
    let file = try GoldenFile(text: text, file: "input.golden")
    let written = file.text
    let again = try GoldenFile(text: written, file: "again.golden")
    precondition(again.cases.count == file.cases.count && again.text == written, "written goldens read otherwise")
  } catch { check(error) }
  return 0
}
