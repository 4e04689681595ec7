package dev.sinter.runtime.files;

import dev.sinter.runtime.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import java.util.Map;

/// Arrays in a zip file, as `numpy.savez` and `numpy.savez_compressed` write them: an entry
/// `name.npy` for each.
final class Npz {
  private static final String NPY = ".npy";

  private Npz() {}

  /// Whether a zip file looks like one.
  static boolean is(ZipDirectory zip) {
    return zip.entries().stream().allMatch(entry -> entry.name().endsWith(NPY));
  }

  /// The arrays. Their headers are read now and their elements when they are asked for, so that
  /// nothing is unpacked that nobody wants.
  static Weights.Content read(ZipDirectory zip) throws FormatException {
    Map<String, StoredTensor> tensors = new LinkedHashMap<>();
    for (ZipDirectory.Entry entry : zip.entries()) {
      String source = zip.file() + "!/" + entry.name();
      Npy.Header header = Npy.header(zip.beginning(entry, Npy.MAX_PREFIX), entry.size(), source);
      String name = entry.name().substring(0, entry.name().length() - NPY.length());
      StoredTensor tensor =
          new StoredTensor(header.dtype(), header.dims(), () -> tensor(zip, entry, header));
      if (tensors.put(name, tensor) != null) {
        throw new FormatException(
            zip.file(), entry.local(), "expected one entry of the name " + entry.name());
      }
    }
    return new Weights.Content("NumPy arrays", tensors, Map.of(), Map.of());
  }

  private static Tensor tensor(ZipDirectory zip, ZipDirectory.Entry entry, Npy.Header header)
      throws FormatException {
    MemorySegment bytes = zip.bytes(entry);
    zip.check(entry, bytes);
    return header.tensor(bytes.asSlice(header.begin()));
  }
}
