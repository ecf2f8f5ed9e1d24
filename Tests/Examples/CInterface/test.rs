// rustc --edition 2021 --test test.rs -L .build/release -o test && LD_LIBRARY_PATH=.build/release ./test
use std::ffi::{c_char, c_int, c_void, CStr, CString};
use std::ptr::null;

#[repr(C)]
struct Tensor {
    name: *const c_char,
    data: *const c_void,
    shape: *const i64,
    strides: *const i64,
    rank: i32,
    kind: i32,
}

#[link(name = "plumbline")]
extern "C" {
    fn plumbline_judge(
        layer: *const c_char, attributes: *const c_char, inputs: *const Tensor, input_count: usize,
        output: *const Tensor, arithmetic: *const c_char, text: *mut *mut c_char,
    ) -> c_int;
    fn plumbline_free(memory: *mut c_void);
}

/// The report on an output, or why there is none.
fn judge(layer: &str, x: &[f32], output: &[f32], shape: &[i64]) -> Result<String, String> {
    assert!(x.len() == output.len() && x.len() as i64 == shape.iter().product::<i64>());
    let (layer, name) = (CString::new(layer).unwrap(), CString::new("x").unwrap());
    let tensor = |data: &[f32]| Tensor {
        name: name.as_ptr(), data: data.as_ptr().cast(), shape: shape.as_ptr(), strides: null(),
        rank: shape.len() as i32, kind: 0,
    };
    let (input, output) = (tensor(x), tensor(output));
    let mut text = std::ptr::null_mut();
    // Sound: all tensors are as long as their shapes say, and live until the call returns.
    let (status, said) = unsafe {
        let status = plumbline_judge(layer.as_ptr(), null(), &input, 1, &output, null(), &mut text);
        let said = CStr::from_ptr(text).to_string_lossy().into_owned();
        plumbline_free(text.cast());
        (status, said)
    };
    if status == 0 { Ok(said) } else { Err(said) }
}

fn softmax(x: &[f32]) -> Vec<f32> {
    let greatest = x.iter().cloned().fold(f32::NEG_INFINITY, f32::max);
    let powers: Vec<f32> = x.iter().map(|x| (x - greatest).exp()).collect();
    let sum: f32 = powers.iter().sum();
    powers.iter().map(|power| power / sum).collect()
}

#[test]
fn softmax_is_within_its_bounds() {
    let x = [0.5, -1.25, 3.0, 2.75];
    let report = judge("softmax", &x, &softmax(&x), &[1, 4]).unwrap();
    assert!(report.contains("\"verdict\" : \"within\""), "{report}");
    let report = judge("softmax", &x, &[0.25; 4], &[1, 4]).unwrap();
    assert!(report.contains("\"verdict\" : \"outside\""), "{report}");
}

#[test]
fn what_is_no_layer_is_an_error() {
    assert!(judge("sofmax", &[1.0], &[1.0], &[1, 1]).unwrap_err().contains("'sofmax'"));
}
