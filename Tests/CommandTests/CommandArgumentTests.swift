import Foundation
import Testing

/// Options that would be ignored, contradict each other, or are read as something else.
@Suite struct CommandArgumentTests {
  private func expectRefusal(
    _ script: String, saying words: String..., sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let command = try Command(shell: "\"$plumb\" \(script)")
    #expect(command.status == 2 && command.output.isEmpty, "\(script): \(command)", sourceLocation: sourceLocation)
    for word in words {
      #expect(command.errors.contains(word), "\(script): \(command.errors)", sourceLocation: sourceLocation)
    }
  }

  @Test func aNegativeNumberIsAWrongValueAndNotAMissingOne() throws {
    for (script, word) in [
      ("run --prompt a --temperature -1", "'--temperature' must be"),
      ("run --prompt a --temperature -inf", "'--temperature' must be"),
      ("run --prompt a --temperature 1 --seed -1", "A seed is a whole number"),
      ("run --prompt a --temperature 1 --top-p -.5", "'--top-p' must be"),
      ("run --prompt a --tokens-to-generate -1", "must not be negative"), ("fuzz relu --cases -1", "at least 1"),
      ("fuzz relu --seed -1", "A seed is a whole number"), ("mutants relu --seed -1", "A seed is a whole number"),
      ("certify --digits -1", "'--digits' must be"), ("drift --tokens -1,2", "token -1 is not in"),
      ("perplexity shipped x --window -2", "'--window' must be"), ("drift --layers -1", "--layers"),
      ("exhaust relu --range -1...-2", "the lower first"), ("diagnose shipped x --tokens 1 --patience -1", "seconds"),
    ] {
      let command = try Command(shell: "\"$plumb\" \(script)")
      #expect(command.status == 2 && command.output.isEmpty)
      #expect(command.errors.contains(word) && !command.errors.contains("Missing value"), "\(command.errors)")
    }
    let range = try Command("exhaust", "relu", "--range", "-1...-0.999", "--json")
    #expect(range.status == 0, "\(range.errors)")
    // What begins like a number is a prompt all the same.
    #expect(try Command("run", "--prompt", "-1 degree", "--tokens-to-generate", "1").status == 0)
  }

  @Test func aWitnessIsOfOneCaseInAnArithmetic() throws {
    try expectRefusal("fuzz relu --witness", saying: "give its line by '--replay'")
    try expectRefusal("fuzz relu --witness --replay 'relu x=[1x1]:1'", saying: "name it by '--arithmetic'")
    try expectRefusal("layer relu --input a --output b --witness", saying: "name it by '--arithmetic'")
    try expectRefusal("layer relu --input a --output b --witness --arithmetic f32 --json", saying: "leave out '--json'")
    let line =
      "cosine-similarity epsilon=1 x=[1x2]:0x1.555554p+0,0x1.7ffffep-104 "
      + "y=[1x2]:-0x1.fffffcp+127,0x1.aaaaaap+127"
    let command = try Command("fuzz", "cosine-similarity", "--arithmetic", "f32", "--witness", "--replay", line)
    #expect(command.status == 1 && command.output.contains("witness    element [0, 0]: NaN where sums added"))
  }

  @Test func helpOnWhatIsNotThereIsRefused() throws {
    try expectRefusal("help nosuch", saying: "there is no command 'nosuch'", "drift", "certify")
    try expectRefusal("help golden nosuch", saying: "'nosuch'", "regenerate")
    try expectRefusal("help drift nosuch", saying: "'nosuch'")
    for words in [["help"], ["help", "drift"], ["help", "golden", "check"], ["help", "measure"]] {
      let command = try Command(words)
      #expect(command.status == 0 && command.output.contains("USAGE"), "\(command.errors)")
    }
  }

  @Test func theShippedModelHasOneNameInEveryCommand() throws {
    for script in [
      "drift shipped --tokens 80", "certify shipped --tokens 80 --digits 2", "inspect shipped",
      "run shipped --prompt a --tokens-to-generate 1", "perplexity shipped <(echo Plumb)",
      "fuzz relu --cases 4 --strategy recorded --model shipped",
    ] {
      let command = try Command(shell: "\"$plumb\" \(script)")
      #expect(command.status == 0 && !command.output.isEmpty, "\(script): \(command.errors)")
    }
  }

  @Test func seedsAreDecimalOrHexadecimal() throws {
    func run(_ seed: String) throws -> String {
      try Command("run", "--prompt", "ab", "--temperature", "1", "--tokens-to-generate", "12", "--seed", seed).output
    }
    #expect(try run("0xC0FFEE") == run("12648430") && run("0xC0FFEE") != run("1"))
    let fuzz = try Command("fuzz", "relu", "--cases", "4", "--seed", "0xff", "--json")
    #expect(fuzz.status == 0 && fuzz.output.contains("\"seed\" : 255"), "\(fuzz.errors)")
    let mutants = try Command("mutants", "residual-add", "--cases", "2", "--seed", "0XfF", "--json")
    #expect(mutants.output.contains("\"seed\" : 255"))
    for seed in ["c0ffee", "0x", "+1", "0x+1", "1.5", "18446744073709551616"] {
      try expectRefusal("fuzz relu --seed \(seed)", saying: "0xC0FFEE")
    }
  }

  /// U+FFFD in place of the bytes would be another prompt.
  @Test func bytesThatAreNotUTF8AreNoPrompt() throws {
    let folder = try TemporaryFolder()
    let file = try folder.file("prompt", [0x50, 0xFF, 0x6C])
    for command in ["drift", "certify", "run", "fuzz relu"] {
      try expectRefusal("\(command) --prompt $'P\\xffl'", saying: "is not UTF-8")
    }
    for option in ["drift --prompt-file", "certify --prompt-file", "run --prompt-file", "run --batch-file"] {
      try expectRefusal("\(option) \"\(file)\"", saying: "is not UTF-8")
    }
    try expectRefusal("drift --prompt-file - < \"\(file)\"", saying: "is not UTF-8")
    #expect(try Command(shell: "\"$plumb\" drift --prompt $'P\\xc3\\xa4'").status == 0)
  }

  @Test func whatWouldBeIgnoredIsRefused() throws {
    try expectRefusal("drift --tokens 80 --head 0.0", saying: "'--head'", "'--html'")
    try expectRefusal("grade shipped x --tokens 80 --head 0.0", saying: "'--head'", "'--html'")
    try expectRefusal("run --prompt a --seed 1", saying: "'--seed'", "'--temperature'")
    try expectRefusal("drift --tokens 80 --tokens 81", saying: "'--tokens' is given twice")
    try expectRefusal("certify --digits=3 --digits 4", saying: "'--digits' is given twice")
    try expectRefusal("fuzz linear --replay 'softmax x=[1x1]:0x1p+0'", saying: "a case of softmax, not of linear")
    #expect(try Command("fuzz", "all", "--replay", "softmax x=[1x1]:0x1p+0").status == 0)
    for arithmetic in [
      "f32,fused,unfused", "f32,order=any,order=2-lanes", "f32,elementary=1,elementary=2",
      "bf16,tables=f32,tables=bf16",
      "f32,unfused,unfused",
    ] { try expectRefusal("fuzz relu --arithmetic \(arithmetic)", saying: "are about one thing") }
  }
}
