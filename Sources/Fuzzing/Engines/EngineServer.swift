import Foundation
public import PlumbDrift
import PlumbFormats
public import PlumbModel

/// The other end of `plumb fuzz LAYER --engine`: reads requests, and writes the replies of a kernel.
public enum EngineServer {
  /// Answers every request on the standard input with what `kernel` computes, until there are no more.
  ///
  /// - Throws: what `kernel` throws, `CaseFileError` or `CaseError` for a request that is no case.
  public static func serve(_ kernel: (CheckedCase) throws -> Activation<Float>) throws {
    try serve(reading: { request in
      let file = try SafeTensors(bytes: WeightArray(request), file: "request")
      let output = try kernel(try CheckedCase(try LayerCase(file, name: "request")))
      var writer = SafeTensorsWriter()
      writer.add("output", shape: output.shape, output.elements)
      return writer.bytes()
    })
  }

  /// Answers every request on the standard input with the bytes that `answer` makes of its bytes.
  package static func serve(reading answer: ([UInt8]) throws -> [UInt8]) throws {
    let (input, output) = (FileHandle.standardInput, FileHandle.standardOutput)
    while let head = try input.read(upToCount: 8), head.count == 8 {
      let length = head.reversed().reduce(0) { $0 << 8 | Int($1) }
      var request = Data()
      while request.count < length {
        guard let more = try input.read(upToCount: length - request.count), !more.isEmpty else { return }
        request += more
      }
      try output.write(contentsOf: EngineFrame.framed(try answer(Array(request))))
    }
  }
}
