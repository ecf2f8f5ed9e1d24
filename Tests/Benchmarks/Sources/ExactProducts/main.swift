import Foundation
import PlumbExact

// Reads two matrices, multiplies them exactly on one thread as often as it is told, and writes the product:
//
//     ExactProducts x.bin x-words weights.bin rows columns outputs product.bin repetitions
//
// `weights.bin` holds outputs × columns binary32 numbers; `x.bin` rows × columns of them where x-words is 0, else that many
// 64-bit words of a two's complement integer each, in units of 2^(1 − 64·x-words). Of the product every element is written as an
// exponent of 32 bits, and the integer that it multiplies in 48 bytes; nothing where its path is '-'. Everything is
// little-endian. Printed are the CPU times
// of each repetition, in seconds, from the numbers as they were read to the product.

func cpuSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
  return Double(time.tv_sec) + 1e-9 * Double(time.tv_nsec)
}

func numbers<T>(_ path: String, as type: T.Type) throws -> [T] {
  let data = try Data(contentsOf: URL(fileURLWithPath: path))
  return [T](unsafeUninitializedCapacity: data.count / MemoryLayout<T>.stride) { buffer, count in
    count = data.copyBytes(to: buffer) / MemoryLayout<T>.stride
  }
}

let arguments = CommandLine.arguments
guard arguments.count == 9, let words = Int(arguments[2]), let rows = Int(arguments[4]),
  let columns = Int(arguments[5]), let outputs = Int(arguments[6]), let repetitions = Int(arguments[8])
else {
  print("ExactProducts x.bin x-words weights.bin rows columns outputs product.bin repetitions")
  exit(2)
}

let weights = try numbers(arguments[3], as: Float.self)
precondition(weights.count == outputs * columns, "the weights do not have the shape")
var vectors: [FixedPointVector] = []
var floats: [Float] = []
if words == 0 {
  floats = try numbers(arguments[1], as: Float.self)
  precondition(floats.count == rows * columns, "x does not have the shape")
} else {
  let all = try numbers(arguments[1], as: UInt64.self)
  precondition(all.count == rows * columns * words, "x does not have the shape")
  vectors = (0..<rows).map { row in
    let balls = (0..<columns).map { column -> Ball in
      let start = (row * columns + column) * words
      var integer = Integer(Int64(bitPattern: all[start + words - 1]))
      for word in (0..<words - 1).reversed() { integer = integer << 64 + Integer(all[start + word]) }
      return Ball(Rational(significand: integer, exponent: 1 - 64 * words))
    }
    // Wide enough for all bits.
    return FixedPointVector(balls, precision: 64 * words + 64)
  }
}

var times: [Double] = []
var product: ExactMatrixProduct?
for _ in 0..<repetitions {
  product = nil
  let start = cpuSeconds()
  guard let second = ExactMatrix(exactly: weights, columns: columns),
    let first = words == 0 ? ExactMatrix(exactly: floats, columns: columns) : ExactMatrix(vectors)
  else { fatalError("a number is not finite") }
  product = ExactMatrixProduct(first, transposed: second)
  times.append(cpuSeconds() - start)
}
print(times.map { String($0) }.joined(separator: " "))

guard let product, arguments[7] != "-" else { exit(0) }
var bytes = Data()
bytes.reserveCapacity(rows * outputs * 52)
let modulus = Integer(1) << 384
for row in 0..<rows {
  for output in 0..<outputs {
    let (significand, exponent) = product.integer(row, output)
    withUnsafeBytes(of: Int32(exponent).littleEndian) { bytes.append(contentsOf: $0) }
    var rest = significand.signum() < 0 ? significand + modulus : significand
    for _ in 0..<12 {
      let high = rest >> 32
      let low = UInt32((rest - high << 32).asInt() ?? 0)
      withUnsafeBytes(of: low.littleEndian) { bytes.append(contentsOf: $0) }
      rest = high
    }
  }
}
try bytes.write(to: URL(fileURLWithPath: arguments[7]))
