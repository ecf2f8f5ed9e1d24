import Foundation
import PlumbEngine
import PlumbFormats
import PlumbModel
import Testing

@testable import PlumbGrading
@testable import PlumbVerdicts

/// Bugs of several steps at once in dumps of modules alone, which have nothing between the products of attention.
@Suite struct PlainHooksTests {
  private static let tokens = [1, 7, 4, 20, 13, 9, 3, 25, 17, 30, 2, 11]
  /// The activations that forward hooks see.
  private static let modules: Set<ActivationName.Role> = [
    .embedding, .attentionNorm, .query, .key, .value, .queryNorm, .keyNorm, .attentionOutput, .attentionOutputNorm,
    .feedForwardNorm, .gate, .up, .activatedGate, .down, .feedForwardOutputNorm, .feedForwardResidual, .finalNorm,
  ]

  /// A bug of an engine, and the name that a diagnosis must give it.
  struct Planted: Sendable, CustomTestStringConvertible {
    let family: String
    let name: String
    let edit: @Sendable (inout Block) -> Void
    var testDescription: String { "\(family): \(name)" }
  }

  private static let planted = [
    Planted(family: "llama", name: "rotary-embedding pairing-swapped") {
      $0.editAttention { $0.rotary?.pairing = .adjacent }
    },
    Planted(family: "llama3", name: "rotary-embedding scaling-ignored") {
      $0.editAttention { $0.rotary?.scaling = .none }
    },
    Planted(family: "yarn", name: "rotary-embedding magnitude-ignored") {
      $0.editAttention { $0.rotary?.magnitude = .number(1) }
    },
    Planted(family: "qwen3", name: "rotary-embedding theta-1000000") {
      $0.editAttention { $0.rotary?.theta = 1_000_000 }
    },
    Planted(family: "mistral", name: "attention window-of-6") { $0.editAttention { $0.attention.window = 6 } },
    Planted(family: "gemma2", name: "attention cap-forgotten") { $0.editAttention { $0.attention.softCap = nil } },
    Planted(family: "gemma2", name: "attention scale-of-head") {
      $0.editAttention { ($0.attention.scale, $0.attention.scaleSize) = (nil, nil) }
    },
  ]

  private func model(_ family: String) throws -> LoadedModel {
    try LoadedModel.open(
      path: URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Fixtures/tiny-\(family)").path(percentEncoded: false))
  }

  /// The first cause of a dump of the modules of `wrong`.
  private func cause(_ model: LoadedModel, _ wrong: Transformer) throws -> FirstCause? {
    let trace = try EngineTrace.record(wrong, Self.tokens)
    var writer = SafeTensorsWriter()
    for name in trace.order where Self.modules.contains(name.role) {
      writer.add(name.description, shape: trace[name].shape, trace[name].elements)
    }
    let file = try SafeTensors(bytes: WeightArray(writer.bytes()), file: "dump")
    let dump = try ActivationDump(file, path: "dump", model: model, tokens: Self.tokens)
    let (_, failure) = try GradeMeasurement(model: model, dump: dump, arithmetic: .f32).report(isCumulative: false)
    return failure.map { Diagnosis($0, patience: .seconds(600)).explanation() }
  }

  @Test(arguments: planted) func aBugOfTheWholeStretchIsNamed(planted: Planted) throws {
    let model = try model(planted.family)
    let cause = try #require(try cause(model, model.transformer.editing(planted.edit)))
    #expect(cause.name == "blocks.0.attention-output")
    let explanation = try #require(
      cause.explanations.first { $0.mutant.hasPrefix(planted.name) }, "\(cause.explanations)")
    #expect(explanation.margin <= 1)
    // A bug at several steps, one of which is no layer of the catalogue, stays an estimate.
    #expect(explanation.proved || explanation.mutant.hasSuffix(")"))
  }

  /// A product without some inputs is the right one less their columns: these are found, whichever they are.
  @Test(arguments: [[3], [20, 21, 22, 23], [0, 7, 19]]) func droppedInputsAreFound(left: [Int]) {
    var generator = SplitMix64(seed: 5)
    func numbers(_ rows: Int, _ columns: Int) -> Activation<Float> {
      Activation(
        shape: [rows, columns], elements: (0..<rows * columns).map { _ in Float.random(in: -1...1, using: &generator) })
    }
    let (x, weight) = (numbers(9, 24), numbers(8, 24))
    let excess = (0..<9 * 8).map { index in
      -left.reduce(0.0) {
        $0 + Double(x.row(index / 8)[x.row(index / 8).startIndex + $1])
          * Double(weight.row(index % 8)[weight.row(index % 8).startIndex + $1])
      }
    }
    #expect(DroppedInputs.found(x, weight, excess) == left)
    #expect(DroppedInputs.found(x, weight, excess.map { -$0 }) == nil)
    #expect(DroppedInputs.found(x, weight, [Double](repeating: 0, count: 72)) == nil)
  }

  /// RoBERTa's positions begin behind the padding token's number, which is 5.
  @Test func positionsAreMovedWithinWhatTheFileStores() throws {
    let positions = try #require(try model("roberta").transformer.stem.positions).weight
    let first = try #require(positions.moved(by: -6))
    #expect(first.rows == positions.rows && first.place?.rows?.first == 0)
    #expect(positions.moved(by: -7) == nil && positions.moved(by: 1) == nil && positions.moved(by: .min) == nil)
    #expect(
      DiagnosedStep.numbers(first).elements.dropFirst(6 * 16)
        == DiagnosedStep.numbers(positions).elements.dropLast(6 * 16))
  }
}
