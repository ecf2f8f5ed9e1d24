import PlumbFormats
import PlumbTraining

/// Any bytes, behind the checksum that they should have, give the state of a training of three weights or an error; one that is
/// written again is the same.
func readTraining(_ bytes: [UInt8]) throws(BrokenPromise) -> Bool {
  func parse(_ bytes: [UInt8]) throws(BrokenPromise) -> TrainingCheckpoint? {
    try answer { try TrainingCheckpoint.parse(bytes, file: "input", identity: "i", count: 3, steps: 9) }
  }
  let sealed = bytes + Digest.sha256(bytes)
  _ = try parse(bytes)
  guard let found = try parse(sealed) else { return false }
  // A number may be written with a sign or zeros in front.
  try expect(try parse(found.bytes("i"))?.bytes("i") == found.bytes("i"), "a written state reads otherwise")
  return true
}
