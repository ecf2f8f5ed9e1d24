import Foundation
import PlumbModel
import Testing

@testable import PlumbFormats

/// Files of encoders that llama.cpp's converter wrote, each changed in one thing.
@Suite struct EncodersInGGUFTests {
  /// The file in `Fixtures/tiny-FAMILY`, to be written again.
  private func writer(_ family: String) throws -> GGUFWriter {
    let file = Fixture.folder.appending(path: "tiny-\(family)/model.gguf").path(percentEncoded: false)
    let read = try GGUFFile(bytes: MappedFile(path: file), file: file)
    var writer = GGUFWriter()
    for (key, value) in read.metadata.values {
      switch value {
      case .integer(let number): writer.set(key, .uint32(UInt32(number)))
      case .float32(let number): writer.set(key, .float32(number))
      case .bool(let truth): writer.set(key, .bool(truth))
      case .string(let text): writer.set(key, .string(text))
      default: break
      }
    }
    for tensor in read.tensors {
      writer.add(tensor.name, tensor.type, tensor.shape, tensor.withUnsafeBytes { Array($0) })
    }
    return writer
  }

  private static let changes: [(family: String, key: String, value: GGUFWriter.Value, word: String)] = [
    ("bert", "bert.attention.causal", .bool(true), "bert.attention.causal"),
    ("bert", "bert.attention.sliding_window", .uint32(4), "bert.attention.sliding_window"),
    ("bert", "bert.hidden_activation", .string("quick_gelu"), "quick_gelu"),
    ("modernbert", "modern-bert.attention.sliding_window_pattern", .string("x"), "sliding_window_pattern"),
    ("bert", "bert.context_length", .uint32(1000), "128 positions"),
    ("nomic", "nomic-bert.moe_every_n_layers", .uint32(2), "moe_every_n_layers"),
  ]

  @Test(arguments: changes.indices) func whatIsNotComputedIsRefused(_ index: Int) throws {
    let (family, key, value, word) = Self.changes[index]
    var writer = try writer(family)
    _ = try writer.read().transformer()
    writer.set(key, value)
    let error = #expect(throws: ModelError.self) { try writer.read().transformer() }
    #expect(error?.description.contains(word) == true, "\(String(describing: error))")
  }

  /// Each variant of a family has what its file has, and heads for other tasks are left aside.
  @Test func partsAreThoseThatAreThere() throws {
    var writer = try writer("bert")
    let whole = try writer.read().transformer()
    writer.add("cls.output.weight", [2, 16], [Float](repeating: 1, count: 32))
    writer.set("bert.classifier.output_labels", .strings(["yes", "no"]))
    #expect(try writer.read().transformer().plan.steps.count == whole.plan.steps.count)
    writer.tensors.removeAll { $0.name == "token_types.weight" }
    let untyped = try writer.read().transformer()
    #expect(whole.stem.types != nil && untyped.stem.types == nil && !untyped.isDecoder)
    writer.tensors.removeAll { $0.name == "position_embd.weight" }
    let error = #expect(throws: ModelError.self) { try writer.read().transformer() }
    #expect(error?.description.contains("position_embd.weight") == true)
  }

  /// Half of the window to each side, in all blocks but those that see everything.
  @Test func windowsGoToBothSides() throws {
    func windows(_ transformer: Transformer) -> [[Int?]] {
      transformer.blocks.map { block in
        for branch in block.branches {
          if case .attention(let mixer) = branch.mixer { return [mixer.attention.window, mixer.attention.windowAfter] }
        }
        return []
      }
    }
    var modern = try writer("modernbert")
    #expect(try windows(modern.read().transformer()) == [[nil, nil], [5, 4], [5, 4], [nil, nil]])
    modern.set("modern-bert.attention.sliding_window_pattern", .uint32(2))
    #expect(try windows(modern.read().transformer()) == [[nil, nil], [5, 4], [nil, nil], [5, 4]])
    modern.set("modern-bert.attention.sliding_window", .uint32(0))
    #expect(try windows(modern.read().transformer()).allSatisfy { $0 == [nil, nil] })
    var gemma = try writer("embeddinggemma")
    #expect(try windows(gemma.read().transformer()) == [[Int?]](repeating: [5, 4], count: 5) + [[nil, nil]])
    gemma.set("gemma-embedding.attention.sliding_window_pattern", .uint32(3))
    #expect(try windows(gemma.read().transformer()).map { $0[0] } == [5, 5, nil, 5, 5, nil])
  }

  /// A decoder that was made one for sentences states its pooling, too.
  @Test func decodersMayStateTheirPooling() throws {
    var writer = try writer("qwen3")
    writer.set("qwen3.pooling_type", .uint32(3))
    let model = try LoadedModel(writer.read(), source: "test")
    #expect(try model.transformer.isDecoder && model.sentenceSettings().pooling == .last)
  }

  @Test func poolingIsThatOfTheFile() throws {
    var writer = try writer("bert")
    for (number, pooling) in [(0, nil), (1, .mean), (2, .first), (3, .last)] as [(UInt32, Pooling?)] {
      writer.set("bert.pooling_type", .uint32(number))
      #expect(try LoadedModel(writer.read(), source: "test").sentenceSettings().pooling == pooling)
    }
    writer.set("bert.pooling_type", .uint32(4))
    let model = try LoadedModel(writer.read(), source: "test")
    let error = #expect(throws: ModelError.self) { try model.sentenceSettings() }
    #expect(error?.description.contains("pooling_type") == true)
  }

  @Test func productsFitTheRow() throws {
    var writer = try writer("embeddinggemma")
    writer.change("dense_3.weight") { $0.extents.swapAt(0, 1) }
    let model = try LoadedModel(writer.read(), source: "test")
    let error = #expect(throws: ModelError.self) { try model.sentenceSettings() }
    #expect(error?.description.contains("the row behind the pooling has 24 elements") == true)
  }
}
