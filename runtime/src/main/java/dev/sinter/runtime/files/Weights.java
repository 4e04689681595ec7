package dev.sinter.runtime.files;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A file of weights of any kind that Sinter reads: safetensors, also in shards with an index;
/// NumPy arrays (`.npz`); a checkpoint of PyTorch (`.pt`, `.pth`, `.bin`). What it is, its content
/// says and not its name.
///
/// Names, dtypes and shapes are known once it is open; elements are read when they are asked for.
/// The file is mapped, and its tensors are good until [#close].
public final class Weights implements AutoCloseable {
  private static final int ZIP = 0x04034b50;
  private static final int EMPTY_ZIP = 0x06054b50;

  private final Content content;
  private final List<Runnable> ends;

  private Weights(Content content, List<Runnable> ends) {
    this.content = content;
    this.ends = ends;
  }

  /// What a file holds.
  ///
  /// @param format what kind of file it is, in words
  /// @param others what it holds beside tensors: names, and what stands there in words
  record Content(
      String format,
      Map<String, StoredTensor> tensors,
      Map<String, String> metadata,
      Map<String, String> others) {
    Content {
      tensors = Collections.unmodifiableMap(new LinkedHashMap<>(tensors));
      metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
      others = Collections.unmodifiableMap(new LinkedHashMap<>(others));
    }
  }

  /// Opens a file, or a folder that holds one.
  ///
  /// @throws FormatException when it is of no kind that is read, or not what it says to be
  public static Weights open(Path path) throws IOException {
    if (Files.isDirectory(path)) {
      return open(Shards.inFolder(path));
    }
    String name = path.toString();
    if (name.endsWith(".json")) {
      Map<String, String> index;
      try (MappedFile file = MappedFile.open(path)) {
        index = Shards.index(file.segment(), name);
      }
      return Shards.open(path, index);
    }
    MappedFile file = MappedFile.open(path);
    try {
      Optional<String> foreign = foreign(file.segment());
      if (foreign.isPresent()) {
        throw new FormatException(name, 0, foreign.get());
      }
      if (isZip(file.segment())) {
        return new Weights(zipped(ZipDirectory.read(file.segment(), name)), List.of(file::close));
      }
      Safetensors tensors = Safetensors.read(file.segment(), name);
      return new Weights(of(tensors).content, List.of(tensors::close, file::close));
    } catch (IOException | RuntimeException e) {
      file.close();
      throw e;
    }
  }

  /// What an open safetensors file holds; closing one closes the other.
  public static Weights of(Safetensors file) {
    Map<String, StoredTensor> tensors = new LinkedHashMap<>();
    file.tensors()
        .forEach((name, tensor) ->
            tensors.put(name, new StoredTensor(tensor.dtype(), tensor.shape(), () -> tensor)));
    return new Weights(
        new Content("safetensors", tensors, file.metadata(), Map.of()), List.of(file::close));
  }

  /// Several files as one.
  static Weights of(String format, Map<String, StoredTensor> tensors, List<Weights> files) {
    List<Runnable> ends = files.stream().<Runnable>map(file -> file::close).toList();
    return new Weights(new Content(format, tensors, Map.of(), Map.of()), ends);
  }

  /// What kind of file it is, in words.
  public String format() {
    return content.format;
  }

  /// The tensors by name, in the file's order.
  public Map<String, StoredTensor> tensors() {
    return content.tensors;
  }

  /// The free texts that the file carries about itself.
  public Map<String, String> metadata() {
    return content.metadata;
  }

  /// What the file holds beside tensors: names, and what stands there in words.
  public Map<String, String> others() {
    return content.others;
  }

  /// Ends the mapping, and with it the use of the tensors.
  @Override
  public void close() {
    ends.forEach(Runnable::run);
  }

  private static Content zipped(ZipDirectory zip) throws FormatException {
    Optional<ZipDirectory.Entry> pickle = TorchFile.pickle(zip);
    if (pickle.isPresent()) {
      return TorchFile.read(zip, pickle.get());
    }
    if (Npz.is(zip)) {
      return Npz.read(zip);
    }
    throw new FormatException(
        zip.file(),
        0,
        "expected the entries of an npz file, all ending in .npy, or data.pkl of a PyTorch"
            + " checkpoint");
  }

  private static boolean isZip(MemorySegment memory) {
    if (memory.byteSize() < Integer.BYTES) {
      return false;
    }
    int magic =
        memory.get(ValueLayout.JAVA_INT_UNALIGNED.withOrder(java.nio.ByteOrder.LITTLE_ENDIAN), 0);
    return magic == ZIP || magic == EMPTY_ZIP;
  }

  /// What to do about a file that others write and nothing here reads.
  private static Optional<String> foreign(MemorySegment memory) {
    int length = (int) Math.min(9, memory.byteSize());
    byte[] bytes = memory.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
    String begin = new String(bytes, StandardCharsets.ISO_8859_1);
    // The ninth byte tells a pickle from safetensors with a header of 640 bytes, say.
    if (begin.matches("(?s)\u0080[\u0002-\u0005].*") && !begin.endsWith("{")) {
      return Optional.of(
          "this is a pickle or a PyTorch checkpoint from before 1.6, which is not read; save it"
              + " anew: torch.save(torch.load(\"old.pt\", map_location=\"cpu\"), \"new.pt\")");
    }
    if (begin.startsWith("\u0093NUMPY")) {
      return Optional.of(
          "this is one array without a name; save it with its name:"
              + " numpy.savez(\"weights.npz\", **{\"fc.weight\": array})");
    }
    if (begin.startsWith("\u0089HDF")) {
      return Optional.of(
          "this is HDF5, which is not read; save the arrays anew: numpy.savez(\"weights.npz\","
              + " **{w.path: w.numpy() for w in model.weights})");
    }
    if (begin.startsWith("GGUF")) {
      return Optional.of("this is GGUF, which is not read; take the model's safetensors");
    }
    return Optional.empty();
  }
}
