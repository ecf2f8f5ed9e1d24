// A SiLU kernel that goes wrong as its first argument says; with a second argument, only on cases of that number or more.
// A replay, and a case while shrinking, has no number and is always among them.
import Foundation
import PlumbFormats
import PlumbFuzzing
import PlumbModel
import PlumbVerdicts

let fault = CommandLine.arguments.dropFirst().first ?? "none"
let first = CommandLine.arguments.dropFirst(2).first.flatMap { Int($0) } ?? 0

/// Writes `text` at once, where only replies belong.
func say(_ text: String) { FileHandle.standardOutput.write(Data(text.utf8)) }

/// Half of a whole reply: the rest never comes.
func writeHalf() { FileHandle.standardOutput.write(Data([89, 0, 0, 0, 0, 0, 0, 0, 65, 0, 0, 0])) }

switch fault {
case "banner": say("Loading the model...\n")
case "dot": say(".")
case "deaf":
  close(STDIN_FILENO)
  sleep(1000)
case "noisy": FileHandle.standardError.write(Data((String(repeating: "noise ", count: 30_000) + "\n").utf8))
default: break
}

/// The number of requests that this process has had.
var requests = 0

func silu(_ x: Float) -> Float { x / (1 + exp(-x)) }

try EngineServer.serve(
  reading: { request in
    guard let file = try? SafeTensors(bytes: WeightArray(request), file: "request") else { return [] }
    guard let input = try? CheckedCase(try LayerCase(file, name: "request")), let x = try? input.tensor("x") else {
      return []
    }
    var writer = SafeTensorsWriter()
    // A replay has no number.
    let number = Int(file.metadata["case"] ?? "") ?? .max
    requests += 1
    switch number < first ? "none" : fault {
    case "crash": exit(3)
    case "last-words":
      FileHandle.standardError.write(Data("Traceback\nno kernel for this shape\n".utf8))
      exit(3)
    case "once" where requests > 1: exit(0)
    case "half":
      writeHalf()
      sleep(1000)
    case "half-exit":
      writeHalf()
      exit(0)
    // Wrong now and then, after some requests, at the first request only, and for the case of one number only.
    case "sometimes" where requests.isMultiple(of: 3), "worn" where requests > 4, "fresh" where requests == 1,
      "numbered" where number == first:
      writer.add("y", shape: x.shape, x.elements.map { silu($0) + 1 })
      return writer.bytes()
    case "progress": say("case \(requests)\n")
    case "signal": kill(getpid(), SIGKILL)
    case "hang": sleep(1000)
    case "rubbish":
      print("Loading the model...")
      exit(0)
    case "no-tensors": return Array("{}".utf8)
    case "wrong-shape": writer.add("y", shape: [x.elements.count], x.elements.map(silu))
    case "wrong-type": writer.add("y", shape: x.shape, x.elements.map { Double(silu($0)) })
    case "two-tensors":
      writer.add("a", shape: x.shape, x.elements.map(silu))
      writer.add("b", shape: x.shape, x.elements.map(silu))
    case "slow":
      if number == .max { usleep(300_000) }
      writer.add("y", shape: x.shape, x.elements.map { silu($0) * 1.001 })
    case "wrong-value": writer.add("y", shape: x.shape, x.elements.map { silu($0) * 1.001 })
    case "second-block":
      let values = x.elements.enumerated().map { index, value in
        silu(value) + (index % x.columns < 1024 ? 0 : 1)
      }
      writer.add("y", shape: x.shape, values)
    case "not-a-number": writer.add("y", shape: x.shape, x.elements.map { _ in Float.nan })
    case "bf16":
      let halves = x.elements.map { value -> UInt16 in
        let bits = silu(value).bitPattern
        return UInt16(truncatingIfNeeded: (bits &+ 0x7FFF &+ (bits >> 16 & 1)) >> 16)
      }
      writer.add(
        "y", .bf16, shape: x.shape,
        bytes: halves.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] })
    default: writer.add("y", shape: x.shape, x.elements.map(silu))
    }
    return writer.bytes()
  })
