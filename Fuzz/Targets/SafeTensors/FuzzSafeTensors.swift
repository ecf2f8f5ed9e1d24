import FuzzSupport
import PlumbFormats
import PlumbModel

/// Any bytes give tensors or an error; tensors that are written again read the same.
@_cdecl("LLVMFuzzerTestOneInput")
public func test(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  do {
    let file = try SafeTensors(bytes: WeightArray(unsafe input(start, count)), file: "input")
    let again = try rewritten(file)
    precondition(again.metadata == file.metadata && again.entries.count == file.entries.count)
    for entry in file.entries {
      guard let same = again[entry.name] else { preconditionFailure("lost \(entry.name)") }
      precondition(same.type == entry.type && same.shape == entry.shape && bytes(same) == bytes(entry))
    }
  } catch { check(error) }
  return 0
}

private func rewritten(_ file: SafeTensors) throws(ModelError) -> SafeTensors {
  var writer = SafeTensorsWriter()
  writer.metadata = file.metadata
  for entry in file.entries { writer.add(entry.name, entry.type, shape: entry.shape, bytes: bytes(entry)) }
  return try SafeTensors(bytes: WeightArray(writer.bytes()), file: "rewritten")
}

private func bytes(_ entry: SafeTensors.Entry) -> [UInt8] {
  // Sound: the bytes are copied while they are lent.
  unsafe entry.withUnsafeBytes { Array(unsafe $0) }
}
