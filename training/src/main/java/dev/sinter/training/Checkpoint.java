package dev.sinter.training;

import dev.sinter.runtime.Session;
import dev.sinter.runtime.Tensor;
import dev.sinter.runtime.files.Safetensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The state of a training between two epochs: all states of the session, optimizer slots included,
/// and how far it is, in one safetensors file. It is written to another name first, so that there
/// is always a whole one.
///
/// @param epochs how many epochs are done
/// @param iterations how often each step has run
/// @param training what was trained, as [#identity] tells it
record Checkpoint(int epochs, List<Integer> iterations, String training) {
  Checkpoint {
    iterations = List.copyOf(iterations);
  }

  /// What has to be the same for a training to go on: the seed, the batch, the steps.
  static String identity(TrainingSpec spec, long examples) {
    return "seed=%d batch=%d examples=%d steps=%s"
        .formatted(spec.seed(), spec.batchSize(), examples, spec.steps());
  }

  void write(Path file, Session session, List<String> states) throws IOException {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (String state : states) {
      tensors.put(state, session.state(state));
    }
    try {
      Safetensors.write(
          file,
          tensors,
          Map.of(
              "sinter.epochs", Integer.toString(epochs),
              "sinter.iterations", iterations.toString(),
              "sinter.training", training));
    } finally {
      tensors.values().forEach(Tensor::close);
    }
  }

  /// Puts the states of the file into the session and answers how far the training was.
  ///
  /// @throws DataException if the file is no checkpoint of this training
  static Checkpoint read(Path file, Session session, List<String> states, String training)
      throws IOException {
    try (Safetensors saved = Safetensors.open(file)) {
      String was = saved.metadata().get("sinter.training");
      if (was == null) {
        throw new DataException(file.toString(), "", "not a checkpoint of a training");
      }
      if (!was.equals(training)) {
        throw new DataException(
            file.toString(), "", "a checkpoint of another training: " + was + ", not " + training);
      }
      for (String state : states) {
        Tensor value = saved.tensors().get(state);
        if (value == null) {
          throw new DataException(file.toString(), "", "the checkpoint lacks " + state);
        }
        session.setState(state, value);
      }
      return new Checkpoint(
          number(file, saved, "sinter.epochs"), iterations(file, saved), training);
    }
  }

  private static int number(Path file, Safetensors saved, String key) throws DataException {
    try {
      return Integer.parseInt(saved.metadata().getOrDefault(key, ""));
    } catch (NumberFormatException e) {
      throw new DataException(file.toString(), "", "the checkpoint's " + key + " is no number");
    }
  }

  private static List<Integer> iterations(Path file, Safetensors saved) throws DataException {
    List<Integer> out = new ArrayList<>();
    String text = saved.metadata().getOrDefault("sinter.iterations", "");
    try {
      for (String number : text.replaceAll("[\\[\\] ]", "").split(",", -1)) {
        out.add(Integer.valueOf(number));
      }
    } catch (NumberFormatException e) {
      throw new DataException(file.toString(), "", "the checkpoint's iterations are no numbers");
    }
    return out;
  }
}
