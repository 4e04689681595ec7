package dev.sinter.training;

import dev.sinter.runtime.DType;
import dev.sinter.runtime.ShapeException;
import dev.sinter.runtime.Shapes;
import dev.sinter.runtime.Tensor;
import dev.sinter.runtime.files.Npy;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.zip.GZIPInputStream;

/// Reads the examples of a field out of a file, by the file's kind: `.csv`, `.npy`, `.txt`, or IDX
/// (any other name), each but npy also with `.gz` behind it.
public final class DataFile {
  /// The most bytes that a file may unpack to.
  static final long LIMIT = 4L << 30;

  private DataFile() {}

  /// All examples of `field` in the file that `binding` names, as `[examples, shape...]` of the
  /// field's dtype.
  ///
  /// @throws DataException if the file is not what the field needs
  public static Tensor read(DataBinding binding, Field field) throws IOException {
    Path file = binding.file();
    if (!Files.isRegularFile(file)) {
      throw new DataException(file.toString(), "", "no such file (for " + field.name() + ")");
    }
    String name = plainName(file);
    if (name.endsWith(".npy")) {
      whole(binding);
      return fitted(Npy.read(file), file, field);
    }
    try (InputStream in = open(file)) {
      if (name.endsWith(".csv")) {
        return CsvFile.read(in, file.toString(), binding.part(), field);
      }
      whole(binding);
      if (name.endsWith(".txt")) {
        return TextFile.read(in, file.toString(), field);
      }
      return fitted(IdxFile.read(in, file.toString()), file, field);
    } catch (java.util.zip.ZipException | java.io.EOFException e) {
      throw new DataException(file.toString(), "", "broken gzip data: " + e.getMessage());
    }
  }

  private static void whole(DataBinding binding) throws DataException {
    if (!binding.part().isEmpty()) {
      throw new DataException(
          binding.file().toString(),
          "",
          "only a CSV file has parts, and #" + binding.part() + " names one");
    }
  }

  private static String plainName(Path file) {
    String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
    return name.endsWith(".gz") ? name.substring(0, name.length() - 3) : name;
  }

  private static InputStream open(Path file) throws IOException {
    InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16);
    try {
      return file.toString().endsWith(".gz") ? new GZIPInputStream(in, 1 << 16) : in;
    } catch (IOException e) {
      in.close();
      throw e;
    }
  }

  /// `data` in the dtype and shape of the field; only the number of examples is the data's own.
  private static Tensor fitted(Tensor data, Path file, Field field) throws DataException {
    long elements = field.elements();
    long examples = data.rank() == 0 ? 0 : data.dim(0);
    if (data.rank() == 0 || elements == 0 || data.size() != examples * elements) {
      throw new DataException(
          file.toString(), "", "expected examples of " + field + ", found " + data.type());
    }
    Tensor out = allocate(field, examples, file.toString());
    convert(data, out);
    data.close();
    return out;
  }

  private static void convert(Tensor from, Tensor to) {
    if (from.dtype() == to.dtype()) {
      java.lang.foreign.MemorySegment.copy(from.memory(), 0, to.memory(), 0, to.bytes());
    } else if (from.dtype().isFloat() || to.dtype().isFloat()) {
      for (long i = 0; i < to.size(); i++) {
        to.setDouble(i, from.getDouble(i));
      }
    } else {
      for (long i = 0; i < to.size(); i++) {
        to.setLong(i, from.getLong(i));
      }
    }
  }

  /// Room for `examples` examples of a field.
  static Tensor allocate(Field field, long examples, String file) throws DataException {
    long[] shape = field.batchShape(examples);
    try {
      if (field.dtype().bytes(Shapes.size(shape)) > LIMIT) {
        throw new DataException(file, "", examples + " examples of " + field + " exceed 4 GiB");
      }
      return Tensor.allocate(field.dtype(), shape);
    } catch (ShapeException e) {
      throw new DataException(file, "", examples + " examples of " + field + ": " + e.getMessage());
    }
  }

  /// A number as an element of `dtype`; integers must be whole and in range.
  static boolean fits(DType dtype, double value) {
    return dtype.isFloat() || dtype.round(value) == value;
  }
}
