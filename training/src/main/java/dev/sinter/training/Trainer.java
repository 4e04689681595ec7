package dev.sinter.training;

import dev.sinter.runtime.EntrySpec;
import dev.sinter.runtime.ModelSpec;
import dev.sinter.runtime.Session;
import dev.sinter.runtime.StateSpec;
import dev.sinter.runtime.Tensor;
import dev.sinter.runtime.TensorSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/// Trains a compiled model: walks the examples epoch by epoch, runs the model's steps on each
/// batch, tests, and keeps a checkpoint.
///
/// The outcome depends on nothing but the examples, the spec, and what the session promises for its
/// number of threads: a training that went on from a checkpoint ends with the same bits.
public final class Trainer {
  private final Session session;
  private final ModelSpec model;
  private final TrainingSpec spec;
  private final Dataset examples;
  private final Optional<Dataset> test;

  /// A training of `session`'s states.
  ///
  /// @param model what the session runs
  /// @param spec how to train
  /// @param data the examples; the last `spec.holdout()` of them are kept for testing
  /// @param test other examples to test on, instead of held out ones
  /// @throws DataException if the data are too few to hold that many out
  public Trainer(
      Session session, ModelSpec model, TrainingSpec spec, Dataset data, Optional<Dataset> test)
      throws DataException {
    this.session = session;
    this.model = model;
    this.spec = spec;
    long held = test.isPresent() ? 0 : spec.holdout();
    if (data.examples() - held < 1 || data.examples() > Integer.MAX_VALUE) {
      throw new DataException(
          "data", "", data.examples() + " examples, of which " + held + " are to be held out");
    }
    this.examples = data.rows(0, data.examples() - held);
    this.test =
        test.isPresent()
            ? test
            : held > 0
                ? Optional.of(data.rows(data.examples() - held, data.examples()))
                : Optional.empty();
  }

  /// Trains to the end.
  ///
  /// @param checkpoint where to keep the state after each epoch; empty for nowhere
  /// @param resume whether to go on from the checkpoint, if there is one
  /// @return the last epoch's result; empty if there was nothing left to do
  public Optional<TrainingListener.Epoch> run(
      Optional<Path> checkpoint, boolean resume, TrainingListener listener) throws IOException {
    List<String> states = model.states().stream().map(StateSpec::name).toList();
    String identity = Checkpoint.identity(spec, examples.examples());
    Checkpoint done =
        resume && checkpoint.isPresent() && Files.exists(checkpoint.get())
            ? Checkpoint.read(checkpoint.get(), session, states, identity)
            : new Checkpoint(0, Collections.nCopies(spec.steps().size(), 0), identity);
    Optional<TrainingListener.Epoch> last = Optional.empty();
    int[] iterations = done.iterations().stream().mapToInt(Integer::intValue).toArray();
    if (iterations.length != spec.steps().size()) {
      throw new DataException(
          checkpoint.map(Path::toString).orElse(""), "", "a checkpoint of other steps");
    }
    try (Batch batch = new Batch(spec.fields(), spec.batchSize())) {
      for (int epoch = done.epochs() + 1; epoch <= spec.epochs(); epoch++) {
        TrainingListener.Epoch result = epoch(epoch, iterations, batch, listener);
        last = Optional.of(result);
        if (checkpoint.isPresent()) {
          List<Integer> counts = IntStream.of(iterations).boxed().toList();
          new Checkpoint(epoch, counts, identity).write(checkpoint.get(), session, states);
        }
        listener.epoch(result);
      }
    }
    return last;
  }

  private TrainingListener.Epoch epoch(
      int epoch, int[] iterations, Batch batch, TrainingListener listener) {
    long start = System.nanoTime();
    int count = (int) examples.examples();
    int[] order = BatchOrder.of(count, spec.seed(), epoch);
    Means losses = new Means();
    for (int from = 0; from < count; from += spec.batchSize()) {
      int to = Math.min(count, from + spec.batchSize());
      Map<String, Tensor> fields = batch.fill(examples, order, from, to);
      for (int s = 0; s < spec.steps().size(); s++) {
        for (int turn = 0; turn < spec.steps().get(s).times(); turn++) {
          iterations[s]++;
          String entry = spec.steps().get(s).entry();
          losses.add(named(entry, step(entry, fields, iterations[s])), to - from);
        }
      }
      listener.batch(epoch, to, count, losses.values());
    }
    double seconds = (System.nanoTime() - start) * 1e-9;
    return new TrainingListener.Epoch(epoch, losses.values(), evaluate(), seconds);
  }

  /// Losses that several steps call alike are told apart by the step.
  private Map<String, Tensor> named(String entry, Map<String, Tensor> losses) {
    Map<String, Tensor> named = new LinkedHashMap<>();
    losses.forEach((name, value) -> {
      long steps =
          spec.steps().stream()
              .filter(s -> entry(s.entry()).outputs().stream().anyMatch(o -> o.name().equals(name)))
              .count();
      named.put(steps > 1 ? entry + "." + name : name, value);
    });
    return named;
  }

  private Map<String, Tensor> step(String entry, Map<String, Tensor> fields, int iteration) {
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    for (TensorSpec input : entry(entry).inputs()) {
      Tensor field = fields.get(input.name());
      inputs.put(
          input.name(),
          field != null
              ? field
              : switch (input.name()) {
                case "iteration" -> Tensor.of(new int[] {iteration});
                case "key" -> key(iteration);
                default ->
                    throw new IllegalArgumentException(
                        "step " + entry + " wants " + input.name() + ", which is no field");
              });
    }
    return session.run(entry, inputs);
  }

  private Tensor key(int iteration) {
    Tensor key = Tensor.allocate(dev.sinter.runtime.DType.U32, 2);
    key.setLong(0, spec.seed());
    key.setLong(1, iteration);
    return key;
  }

  private EntrySpec entry(String name) {
    return model.entries().stream().filter(e -> e.name().equals(name)).findFirst().orElseThrow();
  }

  /// The means of the metrics over the test examples; empty without metrics or test examples.
  public Map<String, Double> evaluate() {
    if (test.isEmpty() || spec.metrics().isEmpty()) {
      return Map.of();
    }
    Dataset data = test.get();
    List<String> wanted =
        new ArrayList<>(entry(spec.metrics()).inputs().stream().map(TensorSpec::name).toList());
    Means means = new Means();
    for (long from = 0; from < data.examples(); from += spec.batchSize()) {
      long to = Math.min(data.examples(), from + spec.batchSize());
      Map<String, Tensor> inputs = new LinkedHashMap<>(data.rows(from, to).columns());
      inputs.keySet().retainAll(wanted);
      means.add(session.run(spec.metrics(), inputs), to - from);
    }
    return means.values();
  }
}
