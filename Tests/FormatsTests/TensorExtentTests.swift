import PlumbFormats
import PlumbModel
import Testing

/// Shapes whose products no machine word holds, which an extent of 0 makes no longer than the file.
@Suite struct TensorExtentTests {
  private static let huge = 1 << 40

  @Test(arguments: [
    [huge, huge, 0], [0, huge, huge], [huge, 0, huge], [0, 1 << 61], [0, .max], [.max, 0],
    [.max], [2, .max], [-1], [0, -1],
  ])
  func areNoTensor(_ shape: [Int]) {
    for type in [TensorType.f32, .bf16] {
      #expect(Tensor(name: "x", type: type, shape: shape, bytes: WeightArray([UInt8](repeating: 0, count: 64))) == nil)
    }
  }

  @Test(arguments: [[0], [0, 7], [7, 0], [1 << 20, 0], [2, 3], []]) func areOne(_ shape: [Int]) throws {
    let tensor = try #require(
      Tensor(name: "x", type: .f32, shape: shape, bytes: WeightArray([UInt8](repeating: 0, count: 64))))
    #expect(tensor.byteCount == 4 * shape.reduce(1, *) && tensor.count == shape.reduce(1, *))
  }

  /// The same through a file, whose empty tensors have no byte that bounds them.
  @Test(arguments: [[0, huge, huge], [0, 1 << 61]]) func inAFileAreNoWeights(_ shape: [Int]) throws {
    let header = Array("{\"t\":{\"dtype\":\"F32\",\"shape\":\(shape),\"data_offsets\":[0,0]}}".utf8)
    let bytes = littleEndian(UInt64(header.count)) + header
    do {
      let file = try SafeTensors(bytes: WeightArray(bytes), file: "test")
      #expect(file.entries.count == 1 && file.entries[0].weights == nil)
    } catch {
      #expect(error.problem.contains("does not fill"))
    }
  }
}
