package dev.sinter.runtime.files;

import dev.sinter.runtime.DType;
import dev.sinter.runtime.ShapeException;
import dev.sinter.runtime.Shapes;
import dev.sinter.runtime.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// A checkpoint as `torch.save` writes it since PyTorch 1.6: a zip file whose entry `data.pkl` says
/// what there is, and whose entries `data/0`, `data/1`, ... are the memory of the tensors.
final class TorchFile {
  /// The longest pickle that is read: some 100,000 tensors.
  private static final int MAX_PICKLE = 16 << 20;

  private static final int MAX_DEPTH = 100;
  private static final String PICKLE = "/data.pkl";

  private final ZipDirectory zip;
  private final String prefix;
  private final boolean bigEndian;
  private final Map<String, ZipDirectory.Entry> entries;
  private final long pickled;
  private final Map<String, StoredTensor> tensors = new LinkedHashMap<>();
  private final Map<String, String> others = new LinkedHashMap<>();
  private long letters;

  private TorchFile(ZipDirectory zip, ZipDirectory.Entry pickle) throws FormatException {
    this.zip = zip;
    this.prefix = pickle.name().substring(0, pickle.name().length() - PICKLE.length() + 1);
    this.entries = new HashMap<>();
    zip.entries().forEach(entry -> entries.putIfAbsent(entry.name(), entry));
    this.bigEndian = bigEndian();
    this.pickled = zip.offset(pickle);
  }

  /// The entry that makes a zip file a checkpoint.
  static Optional<ZipDirectory.Entry> pickle(ZipDirectory zip) {
    return zip.entries().stream().filter(entry -> entry.name().endsWith(PICKLE)).findFirst();
  }

  /// The tensors of a checkpoint; nested dictionaries and lists give names with dots.
  ///
  /// @throws FormatException when it is not what `torch.save` writes, or holds more than tensors
  ///   and plain values
  static Weights.Content read(ZipDirectory zip, ZipDirectory.Entry pickle) throws FormatException {
    if (!pickle.isStored() || pickle.size() > MAX_PICKLE) {
      throw new FormatException(
          zip.file(),
          pickle.local(),
          "expected %s of at most %d bytes, not compressed".formatted(pickle.name(), MAX_PICKLE));
    }
    TorchFile file = new TorchFile(zip, pickle);
    byte[] bytes = zip.bytes(pickle).toArray(ValueLayout.JAVA_BYTE);
    Pickled value = Pickle.read(zip.file(), bytes, file.pickled);
    file.take("", value, 0);
    return new Weights.Content("PyTorch checkpoint", file.tensors, Map.of(), file.others);
  }

  /// Takes what stands at a name, and all below it.
  private void take(String name, Pickled value, int depth) throws FormatException {
    letters += name.length() + 1;
    if (depth > MAX_DEPTH || letters > MAX_PICKLE) {
      throw fault("expected fewer and shallower dictionaries and lists");
    }
    switch (value) {
      case Pickled.Dict dict -> {
        // A key that stands twice has its last value.
        Map<String, Pickled> members = new LinkedHashMap<>();
        for (int i = 0; i < dict.keys().size(); i++) {
          String key =
              switch (dict.keys().get(i)) {
                case Pickled.Text(String text) -> text;
                case Pickled.Whole(long number) -> Long.toString(number);
                case Pickled _ ->
                    throw fault("expected texts and integers as the keys of `%s`".formatted(name));
              };
          members.put(key, dict.values().get(i));
        }
        for (Map.Entry<String, Pickled> member : members.entrySet()) {
          take(below(name, member.getKey()), member.getValue(), depth + 1);
        }
      }
      case Pickled.Items(List<Pickled> values) -> {
        for (int i = 0; i < values.size(); i++) {
          take(below(name, Integer.toString(i)), values.get(i), depth + 1);
        }
      }
      case Pickled.Located tensor -> {
        String own = name.isEmpty() ? "tensor" : name;
        if (tensors.put(own, stored(own, tensor)) != null) {
          throw fault("expected one tensor of the name `%s`".formatted(own));
        }
      }
      case Pickled.Whole(long number) -> others.put(name, Long.toString(number));
      case Pickled.Text _ -> others.put(name, "a text");
      case Pickled.Other(String what) -> others.put(name, what);
      case Pickled.Global global -> others.put(name, global.toString());
      case Pickled.Storage _ -> others.put(name, "memory without a shape");
      case Pickled.Constant constant ->
          others.put(name, constant.toString().toLowerCase(Locale.ROOT));
    }
  }

  private static String below(String name, String member) {
    return name.isEmpty() ? member : name + "." + member;
  }

  private StoredTensor stored(String name, Pickled.Located tensor) throws FormatException {
    String key = tensor.storage().key();
    ZipDirectory.Entry entry = entries.get(prefix + "data/" + key);
    if (entry == null || !entry.isStored()) {
      throw fault(
          "expected an entry %sdata/%s, not compressed, for `%s`".formatted(prefix, key, name));
    }
    DType dtype = tensor.dtype();
    int width = dtype.bits() / 8;
    try {
      long[] shape = tensor.shape().stream().mapToLong(Long::longValue).toArray();
      long[] strides =
          tensor.strides().stream().mapToLong(s -> Math.multiplyExact(s, width)).toArray();
      long offset = Math.multiplyExact(tensor.offset(), width);
      Strided strided = new Strided(offset, shape, strides, width);
      if (strided.end() > entry.size()) {
        throw fault(
            "expected %d bytes in %s for `%s`, not %d"
                .formatted(strided.end(), entry.name(), name, entry.size()));
      }
      return new StoredTensor(dtype, shape, () -> tensor(dtype, strided, entry));
    } catch (ArithmeticException | ShapeException e) {
      throw fault("expected sizes of a tensor for `%s`".formatted(name));
    }
  }

  private Tensor tensor(DType dtype, Strided strided, ZipDirectory.Entry entry)
      throws FormatException {
    MemorySegment memory = zip.bytes(entry);
    // Bytes that are shared with the file have to be what they are in memory.
    boolean same = (!bigEndian || strided.width() == 1) && dtype != DType.BOOL;
    if (same && strided.isRows()) {
      long bytes = dtype.bytes(Shapes.size(strided.shape()));
      return Tensor.wrap(
          dtype, memory.asSlice(bytes == 0 ? 0 : strided.offset(), bytes), strided.shape());
    }
    Tensor tensor = Tensor.zeros(dtype, strided.shape());
    strided.copy(memory, tensor.memory());
    if (bigEndian) {
      Strided.reverse(tensor.memory(), strided.width());
    }
    if (dtype == DType.BOOL) {
      for (long i = 0; i < tensor.size(); i++) {
        tensor.setLong(i, tensor.getLong(i));
      }
    }
    return tensor;
  }

  /// Whether the machine that wrote the file had its bytes the other way round, as the entry
  /// `byteorder` says; older files have none.
  private boolean bigEndian() throws FormatException {
    ZipDirectory.Entry entry = entries.get(prefix + "byteorder");
    if (entry == null) {
      return false;
    }
    byte[] bytes = zip.beginning(entry, 16).toArray(ValueLayout.JAVA_BYTE);
    return switch (new String(bytes, StandardCharsets.US_ASCII)) {
      case "little" -> false;
      case "big" -> true;
      case String order ->
          throw new FormatException(
              zip.file(), entry.local(), "expected little or big bytes first, not " + order);
    };
  }

  private FormatException fault(String expected) {
    return new FormatException(zip.file(), pickled, expected);
  }
}
