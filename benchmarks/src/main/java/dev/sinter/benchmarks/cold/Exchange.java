package dev.sinter.benchmarks.cold;

import dev.sinter.runtime.Tensor;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The folder through which [ColdStart] is asked and answers: `in0`, `in1`, `out0`, ... are the
/// bytes of tensors.
///
/// @param arguments what is asked
/// @param like results of the same network: they tell the sizes
public record Exchange(Path folder, Map<String, Tensor> arguments, Map<String, Tensor> like) {
  public Exchange {
    arguments = new LinkedHashMap<>(arguments);
    like = new LinkedHashMap<>(like);
  }

  /// Writes what is asked.
  public void ask() throws IOException {
    int number = 0;
    for (Tensor tensor : arguments.values()) {
      MemorySegment bytes = tensor.memory().asSlice(0, tensor.bytes());
      Files.write(folder.resolve("in" + number), bytes.toArray(ValueLayout.JAVA_BYTE));
      number++;
    }
  }

  /// What was answered last.
  public Map<String, Tensor> answer() throws IOException {
    Map<String, Tensor> answer = new LinkedHashMap<>();
    for (Map.Entry<String, Tensor> output : like.entrySet()) {
      Path file = folder.resolve("out" + answer.size());
      Tensor tensor = Tensor.zeros(output.getValue().dtype(), output.getValue().shape());
      MemorySegment bytes = MemorySegment.ofArray(Files.readAllBytes(file));
      MemorySegment.copy(bytes, 0, tensor.memory(), 0, tensor.bytes());
      answer.put(output.getKey(), tensor);
      Files.delete(file);
    }
    return answer;
  }

  /// The last arguments of [ColdStart].
  List<String> ports() {
    List<String> words = new ArrayList<>();
    arguments.forEach((name, tensor) -> describe("in", name, tensor, words));
    like.forEach((name, tensor) -> describe("out", name, tensor, words));
    return words;
  }

  private static void describe(String kind, String name, Tensor tensor, List<String> words) {
    words.addAll(List.of(kind, name, String.valueOf(tensor.bytes())));
    words.add(String.valueOf(tensor.rank()));
    for (long size : tensor.shape()) {
      words.add(String.valueOf(size));
    }
  }
}
