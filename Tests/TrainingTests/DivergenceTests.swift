import Foundation
import PlumbModel
import Testing

@testable import PlumbTraining

/// A training whose numbers leave what Float32 holds.
@Suite struct DivergenceTests {
  /// Weights of the second block that make its gated products overflow, and one that is no number: who is the first is known.
  @Test(arguments: [
    (LlamaShape.Part.gate, Float(1e30), "blocks.1.gated-up"), (.down, .nan, "tensor 'blk.1.ffn_down.weight'"),
  ]) func theFirstThatIsNotFiniteIsNamed(_ part: LlamaShape.Part, _ value: Float, _ first: String) throws {
    let path = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path(percentEncoded: false)
    defer { try? FileManager.default.removeItem(atPath: path) }
    func trainer(resumes: Bool) throws -> Trainer {
      var options = Trainer.Options()
      (options.checkpoint, options.checkpointEvery, options.resumes) = (path, 2, resumes)
      return try Trainer(OracleTests.configuration, OracleTests.judged, options)
    }
    let asked = #expect(throws: TrainingError.self) {
      // Ends behind the first step, with a checkpoint.
      try trainer(resumes: false).train(name: "t", as: .f32, isInterrupted: { true })
    }
    #expect(asked == .interrupted(steps: 1, checkpoint: path))
    let identity = try #require(
      String(decoding: Array(Data(contentsOf: URL(filePath: path))).prefix(1 << 12), as: UTF8.self)
        .split(separator: "\n").dropFirst().first.map(String.init))
    let shape = OracleTests.shape
    let count = shape.parameters.reduce(0) { $0 + $1.count }
    var state = try TrainingCheckpoint.read(
      path, identity: identity, count: count, steps: OracleTests.configuration.steps)
    for parameter in shape.parameters where parameter.name.hasPrefix("blk.1.") {
      // Each product of gate and up is beyond Float32 where both are so large.
      if parameter.part == part || part == .gate && parameter.part == .up {
        for place in parameter.places { state.weights[place] = value }
      }
    }
    let bytes = state.bytes(identity)
    try Data(bytes).write(to: URL(filePath: path))
    let error = #expect(throws: TrainingError.self) { try trainer(resumes: true).train(name: "t", as: .f32) }
    #expect(error == .diverged(step: 2, first: first))
    #expect(error?.description.contains("lower --rate") == true && error?.description.contains("\n") == false)
    #expect(try Array(Data(contentsOf: URL(filePath: path))) == bytes, "the checkpoint stays")
  }
}
