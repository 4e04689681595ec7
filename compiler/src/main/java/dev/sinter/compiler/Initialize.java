package dev.sinter.compiler;

import dev.sinter.ir.Dim;
import dev.sinter.ir.Initializer;
import dev.sinter.ir.ModelGraph;
import dev.sinter.ir.ScalarMath;
import dev.sinter.runtime.DType;
import dev.sinter.runtime.Tensor;
import dev.sinter.runtime.WeightNames;
import dev.sinter.runtime.files.FormatException;
import dev.sinter.runtime.files.StoredTensor;
import dev.sinter.runtime.files.Weights;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// Makes the first values of parameters: the same for the same seed and name on every machine,
/// whatever other parameters there are.
///
/// Element `i` is drawn from the 64 bits that Threefry-2x32 gives for the counter `i`; the key is
/// the seed with the bytes of the name folded in, four at a time.
public record Initialize(long seed) {
  private static final double UNIT_32 = 0x1p-32;
  private static final double UNIT_53 = 0x1p-53;

  /// The first values of parameters, whose sizes are constant, by name.
  ///
  /// @throws UncheckedIOException if one lies in a file that can no longer be read
  public Map<String, Tensor> tensors(List<ModelGraph.Parameter> parameters) {
    Map<String, Weights> files = new HashMap<>();
    try {
      Map<String, Tensor> values = new LinkedHashMap<>();
      for (ModelGraph.Parameter parameter : parameters) {
        values.put(
            parameter.name(),
            switch (parameter.initializer()) {
              case Initializer.Stored stored -> stored(stored, parameter.type().dtype(), files);
              case Initializer.Held(Tensor tensor) -> tensor.copy();
              case Initializer.Fill _, Initializer.Normal _, Initializer.Uniform _ ->
                  drawn(parameter);
            });
      }
      return values;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      files.values().forEach(Weights::close);
    }
  }

  /// The first value of one parameter.
  public Tensor tensor(ModelGraph.Parameter parameter) {
    return Objects.requireNonNull(tensors(List.of(parameter)).get(parameter.name()));
  }

  private Tensor drawn(ModelGraph.Parameter parameter) {
    long[] shape = parameter.type().shape().stream().mapToLong(Dim::constant).toArray();
    Tensor tensor = Tensor.zeros(parameter.type().dtype(), shape);
    long key = key(parameter.name());
    for (long i = 0; i < tensor.size(); i++) {
      long bits = draw(key, i);
      switch (parameter.initializer()) {
        case Initializer.Fill(double value) -> tensor.setDouble(i, value);
        case Initializer.Normal(double mean, double deviation) ->
            tensor.setDouble(i, mean + deviation * normal(bits));
        case Initializer.Uniform(double low, double high) ->
            tensor.setDouble(i, low + (high - low) * ((bits >>> 11) * UNIT_53));
        case Initializer.Stored _, Initializer.Held _ ->
            throw new IllegalStateException("is given whole");
      }
    }
    return tensor;
  }

  /// @param files those that are open already
  private static Tensor stored(Initializer.Stored stored, DType dtype, Map<String, Weights> files)
      throws IOException {
    Weights file = files.get(stored.file());
    if (file == null) {
      file = Weights.open(Path.of(stored.file()));
      files.put(stored.file(), file);
    }
    StoredTensor tensor = new WeightNames(stored.names()).of(file).get(stored.tensor());
    if (tensor == null) {
      throw new FormatException(stored.file(), 0, "expected a tensor " + stored.tensor());
    }
    return tensor.as(dtype).read().copy();
  }

  private long key(String name) {
    byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
    long key = seed;
    for (int at = 0; at < bytes.length; at += 4) {
      int word = 0;
      for (int i = at; i < Math.min(at + 4, bytes.length); i++) {
        word |= (bytes[i] & 0xff) << (8 * (i - at));
      }
      // The length in the other word keeps a name apart from one with zero bytes after it.
      key = ScalarMath.threefry((int) (key >>> 32), (int) key, word, bytes.length);
    }
    return key;
  }

  private static long draw(long key, long counter) {
    return ScalarMath.threefry(
        (int) (key >>> 32), (int) key, (int) (counter >>> 32), (int) counter);
  }

  /// A standard normal draw by Box and Muller (1958), in functions that are the same everywhere.
  private static double normal(long bits) {
    double radius = ((bits >>> 32) + 0.5) * UNIT_32;
    double angle = (bits & 0xffffffffL) * UNIT_32;
    return Math.sqrt(-2 * StrictMath.log(radius)) * StrictMath.cos(2 * Math.PI * angle);
  }
}
