import PlumbCertification
import PlumbFormats

/// Any text, behind the checksum that it should have, gives a checkpoint or an error; one that is written again is the same.
func readCheckpoint(_ bytes: [UInt8]) throws(BrokenPromise) -> Bool {
  let content = String(decoding: bytes, as: UTF8.self)
  let text = ChecksumLine.plain.sealed(content.utf8.last == UInt8(ascii: "\n") ? content : content + "\n")
  let expected = CheckpointFile.Expectation(fingerprint: "f", tokens: [7, 8], blocks: 3, hiddenSize: 2)
  guard let found = try answer({ try CheckpointFile.parse(Array(text.utf8), file: "input", expected) }) else {
    return false
  }
  let written = CheckpointFile.text(of: found.checkpoint, precision: found.precision, fingerprint: "f", tokens: [7, 8])
  let again = try answer { try CheckpointFile.parse(Array(written.utf8), file: "again", expected) }
  try expect(
    again?.checkpoint.hidden == found.checkpoint.hidden && again?.checkpoint.blocks == found.checkpoint.blocks
      && again?.precision == found.precision, "a written checkpoint reads otherwise")
  return true
}
