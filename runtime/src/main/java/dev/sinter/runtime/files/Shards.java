package dev.sinter.runtime.files;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/// Weights in several files with an index that says which tensor lies where, as
/// `model.safetensors.index.json` does: an object whose member `weight_map` has a file's name for
/// each tensor's.
final class Shards {
  private static final int MAX_INDEX = Safetensors.MAX_HEADER;
  private static final int MAX_FILES = 10_000;
  private static final String MAP = "weight_map";
  private static final String INDEX = ".index.json";

  private Shards() {}

  /// The one index in a folder, or else the one file of weights.
  static Path inFolder(Path folder) throws IOException {
    for (String ending : List.of(".safetensors" + INDEX, ".safetensors", INDEX)) {
      try (Stream<Path> files = Files.list(folder)) {
        List<Path> found =
            files
                .filter(file -> file.toString().endsWith(ending) && Files.isRegularFile(file))
                .sorted()
                .limit(2)
                .toList();
        if (found.size() == 1) {
          return found.getFirst();
        }
        if (found.size() > 1) {
          throw new FormatException(
              folder.toString(), 0, "expected one file *%s, but there are more".formatted(ending));
        }
      }
    }
    throw new FormatException(
        folder.toString(),
        0,
        "expected model.safetensors.index.json or a file *.safetensors in this folder");
  }

  /// The file of each tensor.
  static Map<String, String> index(MemorySegment memory, String source) throws FormatException {
    if (memory.byteSize() > MAX_INDEX) {
      throw new FormatException(
          source, MAX_INDEX, "expected an index of at most %d bytes".formatted(MAX_INDEX));
    }
    HeaderScanner scanner = new HeaderScanner(source, memory.toArray(ValueLayout.JAVA_BYTE), 0);
    Map<String, String> files = new LinkedHashMap<>();
    boolean found = false;
    scanner.expect('{');
    for (boolean first = true; !scanner.take('}'); first = false) {
      if (!first) {
        scanner.expect(',');
      }
      String member = scanner.jsonString();
      scanner.expect(':');
      if (member.equals(MAP) && !found) {
        found = true;
        map(scanner, files);
      } else {
        scanner.skipJson();
      }
    }
    scanner.expectEnd();
    if (!found) {
      throw new FormatException(source, 0, "expected a member " + MAP);
    }
    return files;
  }

  private static void map(HeaderScanner scanner, Map<String, String> files) throws FormatException {
    scanner.expect('{');
    for (boolean first = true; !scanner.take('}'); first = false) {
      if (!first) {
        scanner.expect(',');
      }
      String tensor = scanner.jsonString();
      scanner.expect(':');
      String file = scanner.jsonString();
      if (!file.matches("[^/\\\\:\\x00]+") || file.equals("..") || file.endsWith(".json")) {
        throw scanner.fault("expected a file beside the index, not '" + file + "'");
      }
      if (files.put(tensor, file) != null) {
        throw scanner.fault("expected each name once, but '%s' stands twice".formatted(tensor));
      }
    }
  }

  /// Opens the files that the index `path` names.
  static Weights open(Path path, Map<String, String> index) throws IOException {
    Map<String, Weights> files = new LinkedHashMap<>();
    try {
      Map<String, StoredTensor> tensors = new LinkedHashMap<>();
      for (Map.Entry<String, String> place : index.entrySet()) {
        String name = place.getValue();
        if (!files.containsKey(name)) {
          if (files.size() == MAX_FILES) {
            throw new FormatException(
                path.toString(), 0, "expected at most %d files".formatted(MAX_FILES));
          }
          Path shard = path.resolveSibling(name);
          if (!Files.isRegularFile(shard)) {
            throw new FormatException(
                path.toString(), 0, "expected a file %s beside the index".formatted(name));
          }
          files.put(name, Weights.open(shard));
        }
        StoredTensor tensor = Objects.requireNonNull(files.get(name)).tensors().get(place.getKey());
        if (tensor == null) {
          throw new FormatException(
              path.toString(),
              0,
              "expected a tensor `%s` in %s, as the index says".formatted(place.getKey(), name));
        }
        tensors.put(place.getKey(), tensor);
      }
      // An index may be older than its files: what it does not tell is there all the same.
      for (Weights file : files.values()) {
        file.tensors().forEach(tensors::putIfAbsent);
      }
      String kind = files.isEmpty() ? "files" : files.values().iterator().next().format();
      return Weights.of(
          "%s in %d shards".formatted(kind, files.size()),
          tensors,
          new ArrayList<>(files.values()));
    } catch (IOException | RuntimeException e) {
      files.values().forEach(Weights::close);
      throw e;
    }
  }
}
