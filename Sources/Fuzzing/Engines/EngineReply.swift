import PlumbFormats
import PlumbModel
import PlumbVerdicts

/// The requests to another engine, and its answers.
package enum EngineMessage {
  /// The request for the output of `input`: its tensors; layer, attributes and the number of the case in the metadata.
  package static func request(_ input: CheckedCase, number: Int?) -> [UInt8] {
    var writer = input.source.safeTensors()
    writer.metadata["case"] = number.map(String.init) ?? "replay"
    return writer.bytes()
  }

  /// More bytes than any sound reply to `input` has: a header, and eight bytes an element.
  package static func greatestReply(to input: CheckedCase) -> Int {
    1 << 20 + 8 * input.outputShape.reduce(1, *)
  }

  /// The output in `reply`: its only tensor, whatever the name, or the one called `output`.
  ///
  /// - Throws: `EngineFailure` for rubbish, a wrong type and a wrong shape.
  package static func output(_ reply: [UInt8], to input: CheckedCase) throws(EngineFailure) -> Activation<Float> {
    let file: SafeTensors
    do throws(ModelError) {
      file = try SafeTensors(bytes: WeightArray(reply), file: "reply")
    } catch {
      throw EngineFailure(
        .rubbish, "the reply of \(reply.count) bytes begins with \(EngineFailure.quoted(reply)): \(error.problem)")
    }
    guard let entry = file.entries.count == 1 ? file.entries.first : file["output"] else {
      throw EngineFailure(
        .rubbish, "the reply holds \(file.entries.count) tensors and none called 'output', expected one tensor")
    }
    guard [.f32, .bf16, .f16].contains(entry.type) else {
      throw EngineFailure(
        .wrongType, "'\(entry.name)' holds \(entry.type.rawValue) elements, expected F32, BF16 or F16")
    }
    guard entry.shape == input.outputShape else {
      throw EngineFailure(
        .wrongShape, "'\(entry.name)' has shape \(entry.shape), expected \(input.outputShape)")
    }
    do throws(CaseFileError) {
      return try Activation<Float>(entry, file: "reply")
    } catch {
      throw EngineFailure(.wrongType, "\(error)")
    }
  }
}
