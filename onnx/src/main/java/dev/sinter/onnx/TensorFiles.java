package dev.sinter.onnx;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import dev.sinter.onnx.model.OnnxTypes;
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
      CodedOutputStream out = CodedOutputStream.newInstance(bytes);
      for (long dim : tensor.shape()) {
        out.writeInt64(1, dim);
      }
      out.writeInt32(2, OnnxTypes.number(tensor.dtype()));
      out.writeBytes(
          9, ByteString.copyFrom(tensor.memory().asSlice(0, tensor.bytes()).asByteBuffer()));
      out.flush();
      return bytes.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
