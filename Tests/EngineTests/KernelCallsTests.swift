import CVectors
import Foundation
import Testing

/// Every C function under every instruction set of the machine; the calls are those that `Tests/Vectors/run` makes again with
/// sanitizers and on another processor.
@Suite struct KernelCallsTests {
  /// The functions whose products and sums some sets fuse: each set gives the same bits of every other one.
  static let fusing = [
    PLUMB_VECTOR_LINEAR, PLUMB_VECTOR_SCORES, PLUMB_VECTOR_VALUES, PLUMB_VECTOR_MATRIX_PRODUCT, PLUMB_VECTOR_CAUSAL,
    PLUMB_VECTOR_PANEL_SUMS,
  ].map(\.rawValue)

  @Test func `instruction sets differ where they fuse, and nowhere else`() throws {
    var file: [UInt8] = []
    var hasBoth = true
    for call in KernelCalls.all() + TrainingCalls.all() + ExactCalls.all() {
      let record = call.record
      let plain = try #require(Call.replay(record, 0), "function \(call.function.rawValue)")
      var fused: [UInt8]?
      for set in Int32(1)...3 {
        guard let found = Call.replay(record, set) else { continue }
        let expected =
          found.isFused && Self.fusing.contains(call.function.rawValue) ? fused ?? found.outputs : plain.outputs
        let difference = plumb_vector_difference(record, record.count, found.outputs, expected)
        #expect(difference < 0, "function \(call.function.rawValue), set \(set), byte \(difference)")
        if found.isFused { fused = found.outputs }
      }
      hasBoth = hasBoth && (fused != nil || call.function.rawValue >= PLUMB_VECTOR_KERNELS.rawValue)
      withUnsafeBytes(of: record.count.littleEndian) { file += $0 }
      file += record + plain.outputs + (fused ?? plain.outputs)
    }
    if let path = ProcessInfo.processInfo.environment["PLUMB_VECTORS"] {
      try #require(hasBoth, "vectors are written where a set fuses: this machine has none")
      try Data(file).write(to: URL(fileURLWithPath: path), options: .atomic)
    }
  }
}
