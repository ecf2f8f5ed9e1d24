import PlumbFormats
import PlumbGrading
import PlumbModel
import PlumbTolerance

/// Any safetensors file gives a grade of it as a dump of a pass over three tokens, or an error.
func readDump(_ bytes: [UInt8]) throws(BrokenPromise) -> Bool {
  guard let file = try answer({ try SafeTensors(bytes: WeightArray(bytes), file: "input") }),
    let dump = try answer({ try ActivationDump(file, path: "input", model: .seeded, tokens: [7, 8, 9]) })
  else { return false }
  let report = try answer {
    try GradeMeasurement(model: .seeded, dump: dump, arithmetic: .f32).report(isCumulative: false).report
  }
  return report != nil
}
