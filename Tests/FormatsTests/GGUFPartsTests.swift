import Foundation
import PlumbFormats
import Testing

/// A model in several files, as llama.cpp splits it.
@Suite struct GGUFPartsTests {
  /// A folder with the tiny model in `count` parts; `change` has the last word on each part.
  private func folder(
    _ count: Int = 3, name: (Int) -> String = { "tiny-0000\($0 + 1)-of-00003.gguf" },
    change: (Int, inout GGUFWriter) -> Void = { _, _ in }
  ) throws -> URL {
    let url = FileManager.default.temporaryDirectory.appending(path: "plumb-parts-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    let whole = TinyLlama.writer(blocks: 2)
    for part in 0..<count {
      var writer = GGUFWriter()
      if part == 0 { writer.pairs = whole.pairs }
      writer.set("split.no", .raw(type: 2, littleEndian(UInt16(part))))
      writer.set("split.count", .raw(type: 2, littleEndian(UInt16(count))))
      writer.set("split.tensors.count", .raw(type: 5, littleEndian(Int32(whole.tensors.count))))
      writer.tensors = whole.tensors.enumerated().filter { $0.offset % count == part }.map(\.element)
      change(part, &writer)
      try Data(writer.bytes()).write(to: url.appending(path: name(part)))
    }
    return url
  }

  private func open(_ url: URL, _ file: String = "tiny-00001-of-00003.gguf") throws -> LoadedModel {
    defer { try? FileManager.default.removeItem(at: url) }
    return try LoadedModel.open(path: url.appending(path: file).path(percentEncoded: false))
  }

  private func expectRefusal(
    _ url: URL, _ file: String = "tiny-00001-of-00003.gguf", says words: String...,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let error = #expect(throws: ModelError.self, sourceLocation: sourceLocation) { try open(url, file) }
    let text = error.map { "\($0)" } ?? ""
    for word in words { #expect(text.contains(word), "\(text)", sourceLocation: sourceLocation) }
    #expect(!text.contains { $0.isNewline }, sourceLocation: sourceLocation)
  }

  @Test func partsAreReadTogether() throws {
    let whole = try LoadedModel(TinyLlama.writer(blocks: 2).read())
    let model = try open(folder())
    #expect(model.fingerprint == whole.fingerprint && model.transformer.blocks.count == 2)
    #expect(try model.tokenizer.encode(" hello") == [260])
  }

  @Test func aLaterPartIsToldWhichIsTheFirst() throws {
    try expectRefusal(
      folder(), "tiny-00003-of-00003.gguf", says: "is part 3 of 3 of a model", "tiny-00001-of-00003.gguf")
  }

  @Test func aMissingPartIsNamed() throws {
    let url = try folder()
    try FileManager.default.removeItem(at: url.appending(path: "tiny-00002-of-00003.gguf"))
    expectRefusal(url, says: "tiny-00002-of-00003.gguf: is missing", "3 parts")
  }

  @Test func aNameThatLeadsToNoOthersIsTold() throws {
    try expectRefusal(
      folder(name: { "p\($0).gguf" }), "p0.gguf", says: "part 1 of 3", "does not end in '-00001-of-00003.gguf'")
  }

  @Test func partsThatDoNotBelongTogetherAreRefused() throws {
    try expectRefusal(
      folder(change: { if $0 == 1 { $1.set("split.no", .uint32(2)) } }), says: "tiny-00002-of", "called part 2 of 3",
      "split.no 2")
    try expectRefusal(folder(change: { if $0 == 2 { $1.set("split.count", nil) } }), says: "tiny-00003-of", "of none")
    try expectRefusal(
      folder(change: { if $0 == 1 { $1.set("general.name", .string("other")) } }), says: "'general.name'", "first part")
    try expectRefusal(
      folder(change: { if $0 == 1 { $1.tensors.removeLast() } }), says: "tiny-00001-of",
      "hold 20 tensors, but they hold 19")
    try expectRefusal(
      folder(change: { part, writer in
        writer.set("split.tensors.count", nil)
        if part == 1 { writer.tensors.removeLast() }
      }), says: "is missing")
    try expectRefusal(
      folder(change: { if $0 == 1 { $1.add("token_embd.weight", [1], [0]) } }), says: "'token_embd.weight'",
      "another part")
    try expectRefusal(
      folder(change: { if $0 == 0 { $1.set("split.no", .raw(type: 5, littleEndian(Int32(-1)))) } }),
      says: "part -1 of 3")
  }
}
