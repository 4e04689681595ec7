package dev.sinter.compiler;

import dev.sinter.compiler.SampleModel.Setting;
import dev.sinter.passes.Differentiate;
import dev.sinter.runtime.DType;
import dev.sinter.testkit.RandomGraphs;
import dev.sinter.testkit.RandomGraphs.Sample;
import dev.sinter.testkit.RandomPictures;
import dev.sinter.testkit.Shrinking;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// A program for [RandomModelsTest] to start: compiles random graphs, runs them in every tier and
/// at every width of vectors, and says which of them do not what the interpreter does.
///
/// By hand: `RandomModels KIND FIRST COUNT NODES` tries the seeds from `FIRST` on, of kind `graphs`
/// or `pictures`.
final class RandomModels {
  /// Graphs that become the entries of one model, so that the Java compiler starts less often and
  /// kernels meet that are nearly equal.
  private static final int TOGETHER = 8;

  /// Full batches of a training that `pictures` are compiled for; other graphs have no batch.
  private static final long USUAL_BATCH = 64;

  /// Vectors of 512 bits are no machine's own here and there; they run either way.
  private static final List<Setting> SETTINGS =
      List.of(
          new Setting("scalar", 128, 2),
          new Setting("16", 128, 1),
          new Setting("16", 256, 3),
          new Setting("16", 512, 1),
          new Setting("32", 128, 3),
          new Setting("32", 256, 1),
          new Setting("32", 512, 2));

  private final boolean pictures;
  private final int nodes;

  private RandomModels(boolean pictures, int nodes) {
    this.pictures = pictures;
    this.nodes = nodes;
  }

  public static void main(String[] args) {
    long first = Long.parseLong(args[1]);
    new RandomModels(args[0].equals("pictures"), Integer.parseInt(args[3]))
        .check(first, first + Long.parseLong(args[2]));
  }

  private void check(long first, long end) {
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    for (long seed = first; seed < end; seed += TOGETHER) {
      List<Sample> samples = new ArrayList<>();
      for (long s = seed; s < Math.min(end, seed + TOGETHER); s++) {
        samples.add(sample(s));
      }
      List<String> faults = faults(samples);
      for (int i = 0; i < samples.size(); i++) {
        if (!faults.get(i).isEmpty()) {
          Sample small = Shrinking.shrink(samples.get(i), s -> !fault(s).isEmpty());
          String alone = fault(small);
          out.printf(
              "seed %d, %s in a model with seeds %d to %d:%n%s%s%n%s%n",
              seed + i,
              alone.isEmpty() ? "only" : "also",
              seed,
              seed + samples.size() - 1,
              alone.isEmpty() ? faults.get(i) : alone,
              small,
              "inputs " + small.inputs().stream().map(RandomModels::text).toList());
        }
      }
    }
    out.println("tried");
  }

  /// The graph of this seed: every third in another float type.
  private Sample sample(long seed) {
    DType floats =
        switch ((int) (seed % 9)) {
          case 2 -> DType.F64;
          case 5 -> DType.BF16;
          case 8 -> DType.F16;
          default -> DType.F32;
        };
    if (pictures) {
      Sample drawn = RandomPictures.sample(seed, nodes, floats, seed % 2 == 0);
      return new Sample(Differentiate.differentiate(drawn.graph()), drawn.inputs());
    }
    return RandomGraphs.sample(seed, new RandomGraphs.Options(nodes, false, floats, op -> true));
  }

  private String fault(Sample sample) {
    return faults(List.of(sample)).getFirst();
  }

  /// What each sample does wrong; where they do not even compile together, each alone.
  private List<String> faults(List<Sample> samples) {
    try {
      return new SampleModel(samples, pictures ? USUAL_BATCH : 0).faults(SETTINGS);
    } catch (RuntimeException | LinkageError e) {
      if (samples.size() > 1) {
        List<String> faults = new ArrayList<>();
        samples.forEach(s -> faults.addAll(faults(List.of(s))));
        return faults;
      }
      StringWriter trace = new StringWriter();
      e.printStackTrace(new PrintWriter(trace));
      return List.of(trace.toString());
    }
  }

  private static String text(dev.sinter.runtime.Tensor tensor) {
    return java.util.Arrays.toString(tensor.toDoubleArray());
  }
}
