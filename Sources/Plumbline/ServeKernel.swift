import PlumbFuzzing
import PlumbVerdicts

/// The other end of `plumb fuzz LAYER --engine`: answers every request on the standard input with what `kernel` computes, until
/// there are no more.
///
/// - Throws: what `kernel` throws; `PlumblineError` for a request that is no case, and for an output that does not fill its shape.
public func serve(_ kernel: (Case) throws -> Tensor) throws {
  do {
    try EngineServer.serve { try kernel(Case($0)).activation("output") }
  } catch let error where error is CaseFileError || error is CaseError {
    throw PlumblineError(.badInput, "\(error)")
  }
}
