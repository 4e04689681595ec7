package dev.sinter.onnx;

import dev.sinter.onnx.model.OnnxFormatException;
import dev.sinter.onnx.model.OnnxTensor;
import dev.sinter.onnx.model.OnnxTensor.Data;
import dev.sinter.onnx.model.OnnxTypes;
import dev.sinter.runtime.DType;
import dev.sinter.runtime.ShapeException;
import dev.sinter.runtime.Tensor;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Optional;

/// Turns the tensors of ONNX files into Sinter's.
///
/// @param folder where the files of external data lie, if the model came from a file
public record TensorData(Optional<Path> folder) {
  /// For tensors that hold their own data.
  public static final TensorData INLINE = new TensorData(Optional.empty());

  /// The tensor, copied.
  ///
  /// @throws OnnxFormatException when its sizes, type and data do not go together
  public Tensor read(OnnxTensor tensor) throws OnnxFormatException {
    DType dtype =
        OnnxTypes.of(tensor.elementType())
            .orElseThrow(() ->
                new OnnxFormatException(
                    "%s is of %s, which no kernel computes with"
                        .formatted(name(tensor), OnnxTypes.name(tensor.elementType()))));
    long[] shape = tensor.dims().stream().mapToLong(Long::longValue).toArray();
    long available =
        switch (tensor.data()) {
          case Data.Raw raw -> raw.bytes().remaining();
          case Data.Doubles doubles -> doubles.values().remaining();
          case Data.Integers integers -> integers.values().remaining();
          case Data.Strings strings -> strings.values().size();
          case Data.External external -> Long.MAX_VALUE;
        };
    long size = 1;
    for (long dim : shape) {
      if (dim < 0) {
        throw new OnnxFormatException("%s has a size of %d".formatted(name(tensor), dim));
      }
      // Checked before anything of that size is made.
      size = dim == 0 ? 0 : size > Long.MAX_VALUE / dim ? Long.MAX_VALUE : size * dim;
    }
    long needed = tensor.data() instanceof Data.Raw ? bytes(dtype, size) : size;
    if (!(tensor.data() instanceof Data.External) && available != needed) {
      throw new OnnxFormatException(
          "%s should have %d elements of %s, but its data is %d %s"
              .formatted(
                  name(tensor),
                  size,
                  dtype,
                  available,
                  tensor.data() instanceof Data.Raw ? "bytes" : "numbers"));
    }
    if (tensor.data() instanceof Data.External(Map<String, String> where)) {
      return external(tensor, dtype, shape, size, where);
    }
    Tensor read = Tensor.allocate(dtype, shape);
    switch (tensor.data()) {
      case Data.Raw raw ->
          MemorySegment.copy(MemorySegment.ofBuffer(raw.bytes()), 0, read.memory(), 0, needed);
      case Data.Doubles doubles -> {
        for (int i = 0; i < size; i++) {
          read.setDouble(i, doubles.values().get(i));
        }
      }
      case Data.Integers integers -> {
        for (int i = 0; i < size; i++) {
          setInteger(read, i, integers.values().get(i));
        }
      }
      case Data.Strings _, Data.External _ ->
          throw new OnnxFormatException(name(tensor) + " holds no numbers");
    }
    return read;
  }

  /// Sets an element from the integer field of a message, which holds the bits of narrow floats.
  private static void setInteger(Tensor tensor, int index, long value) {
    switch (tensor.dtype()) {
      case F16 -> tensor.setDouble(index, Float.float16ToFloat((short) value));
      case BF16 -> tensor.setDouble(index, Float.intBitsToFloat((int) value << 16));
      case F32, F64 -> tensor.setDouble(index, (double) value);
      default -> tensor.setLong(index, value);
    }
  }

  private static long bytes(DType dtype, long size) throws OnnxFormatException {
    try {
      return dtype.bytes(size);
    } catch (ShapeException e) {
      throw new OnnxFormatException(String.valueOf(e.getMessage()), e);
    }
  }

  private Tensor external(
      OnnxTensor tensor, DType dtype, long[] shape, long size, Map<String, String> where)
      throws OnnxFormatException {
    Path home =
        folder.orElseThrow(() ->
            new OnnxFormatException(
                name(tensor) + " lies in another file, and there is no folder"));
    Path file = home.resolve(where.getOrDefault("location", "")).normalize();
    if (!file.startsWith(home.normalize()) || file.equals(home.normalize())) {
      throw new OnnxFormatException(
          "%s lies outside of the model's folder: %s"
              .formatted(name(tensor), where.getOrDefault("location", "nowhere")));
    }
    long bytes = bytes(dtype, size);
    try {
      long offset = Long.parseLong(where.getOrDefault("offset", "0"));
      long length = Long.parseLong(where.getOrDefault("length", Long.toString(bytes)));
      if (length != bytes || offset < 0 || offset > Files.size(file) - bytes) {
        throw new OnnxFormatException(
            "%s takes %d bytes, but %s has %d at %d"
                .formatted(name(tensor), bytes, file.getFileName(), length, offset));
      }
      Tensor read = Tensor.allocate(dtype, shape);
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
          java.lang.foreign.Arena arena = java.lang.foreign.Arena.ofShared()) {
        MemorySegment mapped = channel.map(FileChannel.MapMode.READ_ONLY, offset, bytes, arena);
        MemorySegment.copy(mapped, 0, read.memory(), 0, bytes);
      }
      return read;
    } catch (NumberFormatException e) {
      throw new OnnxFormatException(name(tensor) + " has no number where its data lies", e);
    } catch (OnnxFormatException e) {
      throw e;
    } catch (IOException e) {
      throw new OnnxFormatException("%s: %s".formatted(name(tensor), e), e);
    }
  }

  private static String name(OnnxTensor tensor) {
    return tensor.name().isEmpty() ? "a tensor" : "tensor " + tensor.name();
  }
}
