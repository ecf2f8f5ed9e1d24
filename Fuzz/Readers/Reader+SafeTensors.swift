import PlumbFormats
import PlumbModel

/// Any bytes give tensors or an error; tensors that are written again read the same.
func readSafeTensors(_ bytes: [UInt8]) throws(BrokenPromise) -> Bool {
  guard let file = try answer({ try SafeTensors(bytes: WeightArray(bytes), file: "input") }) else { return false }
  var writer = SafeTensorsWriter()
  writer.metadata = file.metadata
  for entry in file.entries { writer.add(entry.name, entry.type, shape: entry.shape, bytes: contents(entry)) }
  let written = try answer { try SafeTensors(bytes: WeightArray(writer.bytes()), file: "again") }
  guard let again = written, again.metadata == file.metadata, again.entries.count == file.entries.count else {
    throw BrokenPromise("written tensors are not read, or are others")
  }
  for entry in file.entries {
    guard let same = again[entry.name] else { throw BrokenPromise("lost \(entry.name)") }
    try expect(
      same.type == entry.type && same.shape == entry.shape && contents(same) == contents(entry),
      "'\(entry.name)' reads otherwise")
    if let weights = entry.weights { try expect(weights.byteCount == contents(entry).count, "weights lost bytes") }
  }
  return true
}

private func contents(_ entry: SafeTensors.Entry) -> [UInt8] {
  // Sound: the bytes are copied while they are lent.
  unsafe entry.withUnsafeBytes { unsafe Array($0) }
}
