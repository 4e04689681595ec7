package dev.sinter.onnx;

import dev.sinter.onnx.model.OnnxTensor;
import dev.sinter.onnx.model.OnnxWriter;
import dev.sinter.runtime.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/// Writes tensors as files of ONNX test data.
public final class TensorFiles {
  private TensorFiles() {}

  /// A `TensorProto` of the tensor.
  public static byte[] bytes(Tensor tensor) {
    try {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      OnnxWriter.write(OnnxTensor.of("", tensor), bytes);
      return bytes.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
