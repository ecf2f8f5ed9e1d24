import Foundation
import PlumbFormats
import Testing

/// Copies of a model folder with a fault put in.
enum EditedFolder {
  /// The error for a copy of the folder at `path` with another configuration, or other bytes of weights.
  static func refusal(
    _ path: String, config edits: [(String, String)] = [], weights edit: (inout Data) throws -> Void = { _ in }
  ) throws -> String {
    let folder = URL.temporaryDirectory.appending(path: "edited-\(UInt64.random(in: 0 ... .max))")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    var config = try String(contentsOfFile: "\(path)/config.json", encoding: .utf8)
    for (old, new) in edits {
      #expect(config.contains(old))
      config = config.replacing(old, with: new)
    }
    try config.write(to: folder.appending(path: "config.json"), atomically: true, encoding: .utf8)
    var weights = try Data(contentsOf: URL(filePath: "\(path)/model.safetensors"))
    try edit(&weights)
    try weights.write(to: folder.appending(path: "model.safetensors"))
    let error = #expect(throws: ModelError.self) { try LoadedModel.open(path: folder.path(percentEncoded: false)) }
    let text = "\(try #require(error))"
    #expect(!text.contains { $0.isNewline })
    return text
  }

  /// Puts `new` in place of `old`, of as many bytes, where it stands first in the header.
  static func rename(_ old: String, _ new: String) -> (inout Data) throws -> Void {
    { data in
      #expect(old.utf8.count == new.utf8.count)
      let place = try #require(data.firstRange(of: Data(old.utf8)))
      data.replaceSubrange(place, with: Data(new.utf8))
    }
  }

  /// Puts `bytes` into the tensor `name` from byte `place` of it on.
  static func poke(_ name: String, at place: Int, _ bytes: [UInt8]) -> (inout Data) throws -> Void {
    { data in
      let start = 8 + Int(data.prefix(8).enumerated().reduce(UInt64(0)) { $0 | UInt64($1.element) << (8 * $1.offset) })
      let header = try #require(try JSONSerialization.jsonObject(with: data[8..<start]) as? [String: Any])
      let entry = try #require(header[name] as? [String: Any])
      let offsets = try #require(entry["data_offsets"] as? [Int])
      data.replaceSubrange(start + offsets[0] + place..<start + offsets[0] + place + bytes.count, with: bytes)
    }
  }
}
