package dev.sinter.runtime.files;

import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The Python objects that a checkpoint of tensors names, and what calls of them mean: the closed
/// list beyond which nothing is read.
final class TorchObjects {
  private static final String UTILS = "torch._utils";
  private static final String TENSOR = "_rebuild_tensor";
  private static final String TENSOR_2 = "_rebuild_tensor_v2";
  private static final String TENSOR_3 = "_rebuild_tensor_v3";
  private static final String PARAMETER = "_rebuild_parameter";
  private static final String UNTYPED = "UntypedStorage";
  private static final int MAX_RANK = 64;

  private static final Map<String, DType> STORAGES =
      Map.ofEntries(
          Map.entry("HalfStorage", DType.F16),
          Map.entry("BFloat16Storage", DType.BF16),
          Map.entry("FloatStorage", DType.F32),
          Map.entry("DoubleStorage", DType.F64),
          Map.entry("CharStorage", DType.I8),
          Map.entry("ShortStorage", DType.I16),
          Map.entry("IntStorage", DType.I32),
          Map.entry("LongStorage", DType.I64),
          Map.entry("ByteStorage", DType.U8),
          Map.entry("BoolStorage", DType.BOOL));

  private static final Map<String, DType> DTYPES =
      Map.ofEntries(
          Map.entry("float16", DType.F16),
          Map.entry("bfloat16", DType.BF16),
          Map.entry("float32", DType.F32),
          Map.entry("float64", DType.F64),
          Map.entry("int8", DType.I8),
          Map.entry("int16", DType.I16),
          Map.entry("int32", DType.I32),
          Map.entry("int64", DType.I64),
          Map.entry("uint8", DType.U8),
          Map.entry("uint16", DType.U16),
          Map.entry("uint32", DType.U32),
          Map.entry("uint64", DType.U64),
          Map.entry("bool", DType.BOOL));

  /// Names of `torch` that stand in checkpoints but make no tensor that Sinter has.
  private static final Set<String> OTHERS =
      Set.of(
          "Size",
          "device",
          "ComplexFloatStorage",
          "ComplexDoubleStorage",
          "complex64",
          "complex128",
          "float8_e4m3fn",
          "float8_e5m2");

  private final Function<String, FormatException> fault;
  private long budget;

  /// @param budget how many values calls may make of others in all, since a few bytes can name many
  /// @param fault makes a fault at the place that is read
  TorchObjects(long budget, Function<String, FormatException> fault) {
    this.budget = budget;
    this.fault = fault;
  }

  /// The object of this name.
  ///
  /// @throws FormatException when it is not in the list
  Pickled named(String module, String name) throws FormatException {
    Pickled.Global global = new Pickled.Global(module, name);
    boolean known =
        switch (module) {
          case "collections" -> name.equals("OrderedDict");
          case UTILS -> Set.of(TENSOR, TENSOR_2, TENSOR_3, PARAMETER).contains(name);
          case "torch" ->
              STORAGES.containsKey(name) || DTYPES.containsKey(name) || OTHERS.contains(name);
          case "torch.storage" -> name.equals(UNTYPED);
          default -> false;
        };
    if (!known) {
      throw fault.apply(
          "expected tensors and plain values alone, but the file asks for the Python object `%s`,"
                  .formatted(global)
              + " which is not made here; save the weights alone, as"
              + " torch.save(model.state_dict(), \"weights.pt\") does");
    }
    return global;
  }

  /// What calling `callee` with `arguments` gives.
  Pickled called(Pickled callee, Pickled arguments) throws FormatException {
    if (!(callee instanceof Pickled.Global global)
        || !(arguments instanceof Pickled.Items(List<Pickled> given))) {
      throw fault.apply("expected a call of an object that tensors are made by");
    }
    return switch (global.name()) {
      case "OrderedDict" -> dictionary(given);
      case TENSOR -> tensor(given, 4, null);
      case TENSOR_2 -> tensor(given, 5, null);
      case TENSOR_3 -> tensor(given, 7, given.size() > 6 ? given.get(6) : null);
      case PARAMETER -> {
        if (given.isEmpty() || !(given.getFirst() instanceof Pickled.Located tensor)) {
          throw fault.apply("expected a parameter to be a tensor");
        }
        yield tensor;
      }
      case "Size" -> {
        if (given.size() != 1 || !(given.getFirst() instanceof Pickled.Items sizes)) {
          throw fault.apply("expected the sizes of a shape");
        }
        yield sizes;
      }
      case "device" -> new Pickled.Other("a device");
      default -> throw fault.apply("expected no call of `%s`".formatted(global));
    };
  }

  /// The storage of a persistent id: `("storage", type, key, device, size)`.
  Pickled storage(Pickled id) throws FormatException {
    if (id instanceof Pickled.Items(List<Pickled> parts)
        && parts.size() == 5
        && parts.get(0) instanceof Pickled.Text(String kind)
        && kind.equals("storage")
        && parts.get(1) instanceof Pickled.Global type
        && parts.get(2) instanceof Pickled.Text(String key)
        && parts.get(4) instanceof Pickled.Whole(long size)
        && type.name().endsWith("Storage")) {
      return new Pickled.Storage(key, type, size);
    }
    throw fault.apply("expected a storage of torch.save");
  }

  private Pickled dictionary(List<Pickled> given) throws FormatException {
    Pickled.Dict dict = new Pickled.Dict();
    if (given.isEmpty()) {
      return dict;
    }
    if (given.size() == 1 && given.getFirst() instanceof Pickled.Items(List<Pickled> pairs)) {
      spend(pairs.size());
      for (Pickled pair : pairs) {
        if (!(pair instanceof Pickled.Items(List<Pickled> both)) || both.size() != 2) {
          throw fault.apply("expected pairs of a dictionary");
        }
        dict.put(both.get(0), both.get(1));
      }
      return dict;
    }
    throw fault.apply("expected a dictionary");
  }

  /// A tensor of storage, offset, sizes and strides.
  ///
  /// @param least how many arguments there are at least
  /// @param element the dtype, where the storage does not say it
  private Pickled tensor(List<Pickled> given, int least, @Nullable Pickled element)
      throws FormatException {
    if (given.size() < least
        || !(given.get(0) instanceof Pickled.Storage storage)
        || !(given.get(1) instanceof Pickled.Whole(long offset))) {
      throw fault.apply("expected a storage and an offset of a tensor");
    }
    Pickled.Global type = element instanceof Pickled.Global global ? global : storage.type();
    DType dtype = (element == null ? STORAGES : DTYPES).get(type.name());
    if (dtype == null) {
      throw fault.apply("expected a dtype that Sinter has, not that of `%s`".formatted(type));
    }
    List<Long> shape = numbers(given.get(2));
    List<Long> strides = numbers(given.get(3));
    if (offset < 0 || shape.size() != strides.size()) {
      throw fault.apply("expected as many strides as sizes, and an offset from 0 on");
    }
    return new Pickled.Located(storage, dtype, offset, shape, strides);
  }

  private List<Long> numbers(Pickled value) throws FormatException {
    List<Long> numbers = new ArrayList<>();
    if (value instanceof Pickled.Items(List<Pickled> items) && items.size() <= MAX_RANK) {
      spend(items.size());
      for (Pickled item : items) {
        if (item instanceof Pickled.Whole(long number) && number >= 0) {
          numbers.add(number);
        }
      }
      if (numbers.size() == items.size()) {
        return numbers;
      }
    }
    throw fault.apply("expected sizes or strides from 0 on, %d at most".formatted(MAX_RANK));
  }

  private void spend(int values) throws FormatException {
    budget -= values;
    if (budget < 0) {
      throw fault.apply("expected fewer values than bytes");
    }
  }
}
