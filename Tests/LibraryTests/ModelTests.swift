import Foundation
import PlumbFormats
import PlumbModel
import PlumbVerdicts
import Testing

import struct Plumbline.Arithmetic
import struct Plumbline.Model

/// A dump that is graded through the library.
@Suite struct ModelTests {
  /// The pass of the model that ships, with the query of the second block as `scale` changes it.
  private static func grade(scaling scale: Float) throws -> (path: String, tokens: [Int]) {
    let tokens = try Model.shipped.tokens(of: "The weights")
    let trace = try EngineTrace.record(LoadedModel.shipped.transformer, tokens)
    var writer = SafeTensorsWriter()
    for name in trace.order {
      let activation = trace[name.role, in: name.block]
      let factor = name.description == "blocks.1.query" ? scale : 1
      writer.add(name.description, shape: activation.shape, activation.elements.map { $0 * factor })
    }
    let path = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).safetensors").path()
    try Data(writer.bytes()).write(to: URL(filePath: path))
    return (path, tokens)
  }

  @Test func aDumpIsGraded() throws {
    let (path, tokens) = try Self.grade(scaling: 1)
    defer { try? FileManager.default.removeItem(atPath: path) }
    let grade = try Model.shipped.grade(dump: path, tokens: tokens, arithmetic: .f32, accumulated: false)
    #expect(grade.verdict == .within && grade.firstCause == nil && grade.explanations.isEmpty, "\(grade)")
    #expect(grade.verdicts["blocks.1.query"] == .within)
  }

  @Test func itsFirstCauseIsNamed() throws {
    let (path, tokens) = try Self.grade(scaling: 1.5)
    defer { try? FileManager.default.removeItem(atPath: path) }
    let grade = try Model.shipped.grade(dump: path, tokens: tokens, arithmetic: .f32, accumulated: false)
    #expect(grade.verdict == .outside && grade.firstCause == "blocks.1.query", "\(grade)")
    #expect(grade.verdicts["blocks.1.query"] == .outside && grade.verdicts["blocks.0.query"] == .within)
  }
}
