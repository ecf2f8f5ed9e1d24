import Foundation
import PlumbTraining
import Synchronization
import Testing

/// A training that is interrupted in an audit.
@Suite struct InterruptedAuditTests {
  @Test func theStepsBeforeTheAuditAreKept() throws {
    let path = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path(percentEncoded: false)
    defer { try? FileManager.default.removeItem(atPath: path) }
    let isAsked = Atomic(false)
    func train(_ change: (inout Trainer.Options) -> Void) throws -> [UInt8] {
      var options = Trainer.Options()
      change(&options)
      return try Trainer(OracleTests.configuration, OracleTests.judged, options).train(
        name: "t", as: .f32, isInterrupted: { isAsked.load(ordering: .relaxed) },
        progress: { if $0.contains("audit of step 4") { isAsked.store(true, ordering: .relaxed) } }
      ).file
    }
    let error = #expect(throws: TrainingError.self) {
      try train { ($0.checkpoint, $0.auditEvery, $0.auditTokens) = (path, 4, 4) }
    }
    #expect(error == .interrupted(steps: 3, checkpoint: path))
    isAsked.store(false, ordering: .relaxed)
    #expect(try train { ($0.checkpoint, $0.resumes) = (path, true) } == train { _ in })
  }
}
