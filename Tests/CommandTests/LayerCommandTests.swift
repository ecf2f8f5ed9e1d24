import Foundation
import PlumbFormats
import PlumbModel
import PlumbVerdicts
import Testing

@Suite struct LayerCommandTests {
  private func write(_ folder: TemporaryFolder, _ name: String, _ fill: (inout SafeTensorsWriter) -> Void) throws
    -> String
  {
    var writer = SafeTensorsWriter()
    fill(&writer)
    return try folder.file(name, writer.bytes())
  }

  @Test func theAnswerHasAllSixTensors() throws {
    let folder = try TemporaryFolder()
    let input = try write(folder, "in.safetensors") {
      $0.add("x", shape: [2, 2], [0, 0, 3, 3] as [Float])
    }
    let output = folder.url.appending(path: "out.safetensors").path(percentEncoded: false)
    let command = try Command("layer", "softmax", "--input", input, "--output", output)
    #expect(command.status == 0, "\(command.errors)")
    let file = try SafeTensors(path: output)
    #expect(Set(file.entries.map(\.name)) == ["engine", "expected", "lower", "upper", "bound", "margin"])
    #expect(file.metadata["layer"] == "softmax" && file.metadata["arithmetic"] == "engine")
    for name in ["engine", "expected", "lower", "upper"] {
      let entry = try #require(file[name])
      #expect(entry.shape == [2, 2])
      #expect(try Activation<Float>(entry, file: output).elements == [0.5, 0.5, 0.5, 0.5], "\(name)")
    }
    #expect(try #require(file["expected"]).type == .f32)
    for name in ["lower", "upper", "bound", "margin"] { #expect(try #require(file[name]).type == .f64) }
  }

  /// RMSNorm of (3, 4): both elements over √12.5 + epsilon; digits from mpmath, 30 significant ones.
  @Test func attributesReachTheLayer() throws {
    let folder = try TemporaryFolder()
    let input = try write(folder, "in.safetensors") {
      $0.add("x", shape: [1, 2], [3, 4] as [Float])
      $0.add("weight", shape: [2], [1, 1] as [Float])
    }
    let output = folder.url.appending(path: "out.safetensors").path(percentEncoded: false)
    for (epsilon, expected) in [("0", 0.848528137423857029), ("3.5", 0.75)] {
      let command = try Command(
        "layer", "rms-norm", "--input", input, "--output", output, "--attribute", "epsilon=\(epsilon)")
      #expect(command.status == 0, "\(command.errors)")
      let entry = try #require(try SafeTensors(path: output)["expected"])
      #expect(try Activation<Float>(entry, file: output).elements.first == Float(expected))
    }
  }

  /// The engine computes softmax in Float64, so that it is within any Float32 kernel's bounds, which are wider.
  @Test func theArithmeticDecidesTheBounds() throws {
    let folder = try TemporaryFolder()
    let input = try write(folder, "in.safetensors") { $0.add("x", shape: [1, 3], [0.5, 1.25, -3] as [Float]) }
    let output = folder.url.appending(path: "out.safetensors").path(percentEncoded: false)
    func bounds(_ arithmetic: String) throws -> [Double] {
      let command = try Command(
        "layer", "softmax", "--input", input, "--output", output, "--arithmetic", arithmetic)
      #expect(command.status == 0 && command.output.contains(arithmetic), "\(command.errors)")
      let file = try SafeTensors(path: output)
      #expect(file.metadata["arithmetic"] == arithmetic)
      let entry = try #require(file["bound"])
      return unsafe entry.withUnsafeBytes { bytes in
        (0..<3).map { unsafe bytes.loadUnaligned(fromByteOffset: 8 * $0, as: Double.self) }
      }
    }
    let (engine, f32, bf16) = (try bounds("engine"), try bounds("f32"), try bounds("bf16"))
    for index in 0..<3 { #expect(0 < engine[index] && engine[index] < f32[index] && f32[index] < bf16[index]) }
    let unknown = try Command(
      "layer", "softmax", "--input", input, "--output", output, "--arithmetic", "fp64")
    #expect(unknown.status == 2 && unknown.errors.contains("'fp64'") && unknown.errors.contains("bf16"))
  }

  /// A row with NaN spoils no other: those of (0, 0) and (3, 3) are ½ each.
  @Test func eachSoundRowIsJudged() throws {
    let folder = try TemporaryFolder()
    let input = try write(folder, "in.safetensors") {
      $0.add("x", shape: [4, 2], [0, 0, .nan, 1, 3, 3, 1, .infinity] as [Float])
    }
    let output = folder.url.appending(path: "out.safetensors").path(percentEncoded: false)
    for arithmetic in ["engine", "f32"] {
      let command = try Command(
        "layer", "softmax", "--input", input, "--output", output, "--arithmetic", arithmetic)
      #expect(command.status == 1, "\(command.errors)")
      #expect(command.output.contains("nothing is claimed of 4 of 8 elements"), "\(command.output)")
      #expect(
        command.output.contains("'x' has 2 numbers that are not finite, in rows 1, 3 of 4."), "\(command.output)")
      let file = try SafeTensors(path: output)
      let expected = try Activation<Float>(#require(file["expected"]), file: output).elements
      #expect(expected.map(\.isNaN) == [false, false, true, true, false, false, true, true])
      #expect(expected.filter { !$0.isNaN } == [0.5, 0.5, 0.5, 0.5])
    }
    // A weight belongs to every row.
    let norm = try write(folder, "norm.safetensors") {
      $0.add("x", shape: [2, 2], [1, 2, 3, 4] as [Float])
      $0.add("weight", shape: [2], [.nan, 1] as [Float])
    }
    let command = try Command("layer", "rms-norm", "--input", norm, "--output", output)
    #expect(command.status == 1 && command.output.contains("nothing is claimed of 4 of 4 elements"))
    #expect(command.output.contains("'weight' has 1 number that is not finite, in place 0."), "\(command.output)")
  }

  @Test func aTensorThatIsNotFiniteIsNoError() throws {
    let folder = try TemporaryFolder()
    let input = try write(folder, "in.safetensors") { $0.add("x", shape: [1, 2], [.nan, 1] as [Float]) }
    let output = folder.url.appending(path: "out.safetensors").path(percentEncoded: false)
    let command = try Command("layer", "softmax", "--input", input, "--output", output)
    #expect(command.status == 1 && command.output.contains("outside the domain"), "\(command.errors)")
    let bound = try #require(try SafeTensors(path: output)["bound"])
    #expect(try Activation<Float>(bound, file: output).elements == [.infinity, .infinity])
  }

  @Test func badInputIsOneLineAndStatus2() throws {
    let folder = try TemporaryFolder()
    let output = folder.url.appending(path: "out.safetensors").path(percentEncoded: false)
    let good = try write(folder, "good.safetensors") { $0.add("x", shape: [1, 2], [1, 2] as [Float]) }
    let vector = try write(folder, "vector.safetensors") { $0.add("x", shape: [2], [1, 2] as [Float]) }
    let named = try write(folder, "named.safetensors") { $0.add("y", shape: [1, 2], [1, 2] as [Float]) }
    let whole = try write(folder, "whole.safetensors") { $0.add("x", shape: [1, 2], [1, 2] as [Int]) }
    let vast = try write(folder, "vast.safetensors") {
      $0.add("x", .f32, shape: [1 << 20, 0], bytes: [])
      $0.add("weight", .f32, shape: [1 << 20, 0], bytes: [])
    }
    let empty = try folder.file("empty.safetensors", [])
    let missing = folder.url.appending(path: "missing.safetensors").path(percentEncoded: false)
    for (arguments, word) in [
      (["softmax", "--input", missing], "missing.safetensors"),
      (["softmax", "--input", empty], "empty.safetensors"),
      (["softmax", "--input", vector], "[rows, columns]"),
      (["softmax", "--input", named], "no tensor 'y'"),
      (["softmax", "--input", whole], "I64"),
      (["linear", "--input", vast], "too large"),
      (["rms-norm", "--input", good], "'weight' [hidden] is missing"),
      (["softmax", "--input", good, "--attribute", "scale=2"], "'scale'"),
      (["rms-norm", "--input", good, "--attribute", "epsilon=tiny"], "'tiny'"),
      (["softmax", "--input", folder.url.path(percentEncoded: false)], "directory"),
    ] {
      let command = try Command(["layer"] + arguments + ["--output", output])
      #expect(command.status == 2, "\(arguments)")
      #expect(command.output.isEmpty)
      #expect(command.errors.contains(word) && command.errors.split(separator: "\n").count == 1, "\(command.errors)")
      #expect(!FileManager.default.fileExists(atPath: output))
    }
    for arguments in [
      ["softmax"], ["--input", good, "--output", output], ["no-such-layer", "--list"],
      ["softmax", "--input", good, "--output", output, "--attribute", "scale"], ["--list", "--input", good],
    ] {
      #expect(try Command(["layer"] + arguments).status == 2, "\(arguments)")
    }
    let nowhere = try Command("layer", "softmax", "--input", good, "--output", "/no/such/folder/out.safetensors")
    #expect(nowhere.status == 2 && nowhere.errors.contains("cannot be written"), "\(nowhere.errors)")
  }

  @Test func theListDescribesEveryLayer() throws {
    let text = try Command("layer", "--list")
    #expect(text.status == 0)
    let json = try Command("layer", "--list", "--json")
    let list = try JSONDecoder().decode([LayerDescription].self, from: Data(json.output.utf8))
    #expect(list.map(\.layer) == LayerKind.allCases.map(\.rawValue))
    // Long sentences go on in the next line.
    func words(_ text: String) -> String { text.split(whereSeparator: \.isWhitespace).joined(separator: " ") }
    let listed = words(text.output)
    for layer in list {
      #expect(listed.contains(words(layer.formula)))
      for attribute in layer.attributes { #expect(listed.contains(words(attribute.meaning))) }
    }
    #expect(try Command("layer", "softmax", "--list").output.hasPrefix("softmax [rows, columns]\n"))
  }
}
