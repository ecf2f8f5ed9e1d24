import Foundation
import PlumbEngine
import PlumbFormats
import PlumbModel
import Testing

@testable import PlumbBounds
@testable import PlumbGrading
@testable import PlumbVerdicts

/// The parts of gpt-oss that other models with experts lack: bugs planted in its sinks and gates, and folders that pack it wrongly.
@Suite struct GPTOSSTests {
  private static let tokens = [1, 7, 4, 20, 13, 9, 3, 25, 17, 30, 2, 11]

  private func path(_ name: String) -> String {
    URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Fixtures/tiny-\(name)").path(percentEncoded: false)
  }

  /// The first cause that a grade of the engine's activations on the edited model finds.
  private func explained(_ edit: (inout Block) -> Void) throws -> FirstCause {
    let model = try LoadedModel.open(path: path("gptossmx"))
    let trace = try EngineTrace.record(model.transformer.editing(edit), Self.tokens)
    var writer = SafeTensorsWriter()
    for name in trace.order { writer.add(name.description, shape: trace[name].shape, trace[name].elements) }
    let file = try SafeTensors(bytes: WeightArray(writer.bytes()), file: "dump")
    let dump = try ActivationDump(file, path: "dump", model: model, tokens: Self.tokens)
    let (report, failure) = try GradeMeasurement(model: model, dump: dump, arithmetic: .f32)
      .report(isCumulative: false)
    #expect(report.verdict.isRefuted)
    return Diagnosis(try #require(failure)).explanation()
  }

  @Test func bugsInSinksAreFound() throws {
    let forgotten = try explained { $0.editAttention { $0.attention.sinks = nil } }
    #expect(forgotten.name == "blocks.0.attention-weights")
    #expect(forgotten.explanations.first?.mutant == "softmax sink-forgotten", "\(forgotten.explanations)")
    let turned = try explained {
      $0.editAttention { mixer in
        guard let sinks = mixer.attention.sinks else { return }
        let logits = Array(sinks.logits.dropFirst() + sinks.logits.prefix(1))
        mixer.attention.sinks = AttentionSinks(tensor: sinks.tensor, logits: logits)
      }
    }
    #expect(turned.name == "blocks.0.attention-weights")
    #expect(turned.explanations.first?.mutant == "softmax sink-of-next-head", "\(turned.explanations)")
  }

  @Test(arguments: [("alpha-1", Float(1), Float(7)), ("limit-6", 1.702, 6), ("clamps-forgotten", 1.702, 1e9)])
  func bugsInTheGateAreFound(bug: String, alpha: Float, limit: Float) throws {
    let cause = try explained {
      $0.editExperts { mixer in
        for index in mixer.experts.indices {
          mixer.experts[index].clamp = ClampedGateLayer(alpha: alpha, limit: limit)
        }
      }
    }
    #expect(cause.name == "blocks.0.gated-expert-up" && cause.layer == "clamped-gate")
    #expect(cause.explanations.first?.mutant == "clamped-gate \(bug)", "\(cause.explanations)")
  }

  /// The folder's matrices, which its own order of nibbles and rows makes, are those that llama.cpp's converter wrote.
  @Test func theFolderHoldsTheNumbersOfTheFile() throws {
    func experts(_ path: String) throws -> [[Float]] {
      try LoadedModel.open(path: path).transformer.blocks.flatMap { block -> [[Float]] in
        block.branches.flatMap { branch -> [[Float]] in
          guard case .experts(let mixer) = branch.mixer else { return [] }
          return mixer.experts.flatMap { [$0.gate, $0.up, $0.down] }.flatMap { layer in
            [Engine.decoded(layer.weight)] + (layer.bias.map { [Engine.decoded($0)] } ?? [])
          }
        }
      }
    }
    for name in ["gptoss", "gptossmx"] {
      let folder = try experts(path(name))
      #expect(try folder == experts("\(path(name))/model.gguf") && folder.count == 48 && Set(folder).count == 48)
    }
  }

  private func refusal(config edits: [(String, String)] = [], weights edit: (inout Data) throws -> Void = { _ in })
    throws -> String
  {
    try EditedFolder.refusal(path("gptossmx"), config: edits, weights: edit)
  }

  @Test func whatIsPackedWronglyIsRefusedInALine() throws {
    #expect(
      try refusal(weights: EditedFolder.rename("down_proj_scales", "down_proj_scalez")).contains(
        "down_proj_scales' is missing"))
    #expect(try refusal(weights: EditedFolder.rename("down_proj_blocks", "down_proj_blockz")).contains("down_proj"))
    #expect(
      try refusal(weights: EditedFolder.rename("gate_up_proj_bias", "gate_up_proj_biaz")).contains(
        "gate_up_proj_bias' is missing"))
    #expect(
      try refusal(weights: EditedFolder.rename("self_attn.sinks", "self_attn.sinkz")).contains(
        "self_attn.sinks' is missing"))
    #expect(
      try refusal(weights: EditedFolder.rename("[4,64,1,16]", "[4,32,2,16]")).contains(
        "no blocks of MXFP4 with their scales"))
    let damaged = try refusal(
      weights: EditedFolder.poke("model.layers.1.mlp.experts.down_proj_scales", at: 5, [255]))
    #expect(damaged.contains("down_proj_scales") && damaged.contains("element 5"), "\(damaged)")
    #expect(try refusal(config: [("\"mxfp4\"", "\"fp9\"")]).contains("quantization_config.quant_method"))
    #expect(try refusal(config: [("\"num_local_experts\": 4", "\"num_local_experts\": 5")]).contains("5 experts"))
    #expect(try refusal(config: [("\"swiglu_limit\": 7.0", "\"swiglu_limit\": 0")]).contains("swiglu_limit"))
    #expect(try refusal(config: [("\"beta_slow\": 1.0", "\"beta_slow\": 1e-9")]).contains("no ramp between pairs"))
    #expect(try refusal(config: [("\"rope_parameters\"", "\"rope_nothing\"")]).contains("rope"))
  }
}
