package dev.sinter.runtime.files;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Reads a pickle, the stack program in which Python writes values (protocols 2 to 5, as
/// `pickletools` documents them), so far as checkpoints of PyTorch need it.
///
/// It builds plain values only. Which Python objects a pickle may name, and what a call of one
/// means, [TorchObjects] says from a closed list; nothing is run. Each operation takes bytes of the
/// pickle and makes a value of bounded size, so memory is bounded by the pickle's length.
final class Pickle {
  private static final int PROTOCOL = 0x80;
  private static final int FIRST_PROTOCOL = 2;
  private static final int LAST_PROTOCOL = 5;

  private final String file;
  private final long base;
  private final ByteBuffer in;
  private final TorchObjects objects;
  private final List<Pickled> stack = new ArrayList<>();
  private final Map<Long, Pickled> memo = new HashMap<>();
  private int operation;

  private Pickle(String file, byte[] bytes, long base) {
    this.file = file;
    this.base = base;
    this.in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    this.objects = new TorchObjects(bytes.length, this::fault);
  }

  /// The value that `bytes` say.
  ///
  /// @param file what the file is called in faults
  /// @param base where the bytes begin in it
  /// @throws FormatException when they are no pickle, or name an object that is not of tensors
  static Pickled read(String file, byte[] bytes, long base) throws FormatException {
    return new Pickle(file, bytes, base).run();
  }

  private Pickled run() throws FormatException {
    if (in.remaining() < 2 || unsigned() != PROTOCOL) {
      throw fault("expected a pickle of protocol 2 or later");
    }
    int protocol = unsigned();
    if (protocol < FIRST_PROTOCOL || protocol > LAST_PROTOCOL) {
      throw fault("expected a pickle of protocol 2 to 5, not " + protocol);
    }
    while (true) {
      operation = in.position();
      int code = unsigned();
      if (code == '.') {
        Pickled result = pop();
        if (!stack.isEmpty()) {
          throw fault("expected one value at the end");
        }
        return result;
      }
      run(code);
    }
  }

  private void run(int code) throws FormatException {
    switch (code) {
      case 0x95 -> number(8); // A frame only groups bytes.
      case 'N' -> stack.add(Pickled.Constant.NONE);
      case 0x88 -> stack.add(Pickled.Constant.TRUE);
      case 0x89 -> stack.add(Pickled.Constant.FALSE);
      case '(' -> stack.add(Pickled.Constant.MARK);
      case 'K' -> stack.add(new Pickled.Whole(unsigned()));
      case 'M' -> stack.add(new Pickled.Whole(number(2)));
      case 'J' -> stack.add(new Pickled.Whole((int) number(4)));
      case 0x8a -> stack.add(integer(unsigned()));
      case 0x8b -> stack.add(integer(number(4)));
      case 'G' -> {
        number(8);
        stack.add(new Pickled.Other("a real number"));
      }
      case 'U', 0x8c -> stack.add(text(unsigned()));
      case 'T', 'X' -> stack.add(text(number(4)));
      case 0x8d -> stack.add(text(number(8)));
      case 'C' -> stack.add(skipped(unsigned()));
      case 'B' -> stack.add(skipped(number(4)));
      case 0x8e, 0x96 -> stack.add(skipped(number(8)));
      case ')' -> stack.add(new Pickled.Items(List.of()));
      case 0x85 -> stack.add(new Pickled.Items(last(1)));
      case 0x86 -> stack.add(new Pickled.Items(last(2)));
      case 0x87 -> stack.add(new Pickled.Items(last(3)));
      case 't', 'l', 0x91 -> stack.add(new Pickled.Items(sinceMark()));
      case ']', 0x8f -> stack.add(new Pickled.Items(new ArrayList<>()));
      case '}' -> stack.add(new Pickled.Dict());
      case 'd' -> {
        List<Pickled> given = sinceMark();
        stack.add(new Pickled.Dict());
        put(given);
      }
      case 'a' -> append(last(1));
      case 'e', 0x90 -> append(sinceMark());
      case 's' -> put(last(2));
      case 'u' -> put(sinceMark());
      case '0' -> pop();
      case '1' -> sinceMark();
      case '2' -> stack.add(top());
      case 'q' -> memo.put((long) unsigned(), top());
      case 'r' -> memo.put(number(4), top());
      case 0x94 -> memo.put((long) memo.size(), top());
      case 'h' -> stack.add(remembered(unsigned()));
      case 'j' -> stack.add(remembered(number(4)));
      case 'c' -> stack.add(objects.named(line(), line()));
      case 0x93 -> {
        List<Pickled> names = last(2);
        if (!(names.get(0) instanceof Pickled.Text(String module))
            || !(names.get(1) instanceof Pickled.Text(String name))) {
          throw fault("expected the name of an object");
        }
        stack.add(objects.named(module, name));
      }
      case 'R', 0x81 -> {
        List<Pickled> call = last(2);
        stack.add(objects.called(call.get(0), call.get(1)));
      }
      case 'Q' -> stack.add(objects.storage(pop()));
      case 'b' -> {
        // What a state dict remembers beside its tensors, `_metadata`, says nothing of them.
        pop();
        if (!(top() instanceof Pickled.Dict)) {
          throw fault("expected only a dictionary to be given attributes");
        }
      }
      default ->
          throw fault("expected an operation that checkpoints use, not 0x%02x".formatted(code));
    }
  }

  private void append(List<Pickled> given) throws FormatException {
    // What Items hold is a list that can grow where `]` made it, and no other.
    if (!(top() instanceof Pickled.Items(ArrayList<Pickled> values))) {
      throw fault("expected a list to append to");
    }
    values.addAll(given);
  }

  private void put(List<Pickled> given) throws FormatException {
    if (!(top() instanceof Pickled.Dict dict) || given.size() % 2 != 0) {
      throw fault("expected a dictionary, and as many keys as values");
    }
    for (int i = 0; i < given.size(); i += 2) {
      dict.put(given.get(i), given.get(i + 1));
    }
  }

  private Pickled top() throws FormatException {
    if (stack.isEmpty() || stack.getLast() == Pickled.Constant.MARK) {
      throw fault("expected a value on the stack");
    }
    return stack.getLast();
  }

  private Pickled pop() throws FormatException {
    Pickled value = top();
    stack.removeLast();
    return value;
  }

  private List<Pickled> last(int count) throws FormatException {
    Pickled[] values = new Pickled[count];
    for (int i = count - 1; i >= 0; i--) {
      values[i] = pop();
    }
    return List.of(values);
  }

  private List<Pickled> sinceMark() throws FormatException {
    int mark = stack.size() - 1;
    while (mark >= 0 && stack.get(mark) != Pickled.Constant.MARK) {
      mark--;
    }
    if (mark < 0) {
      throw fault("expected a mark on the stack");
    }
    List<Pickled> tail = stack.subList(mark + 1, stack.size());
    List<Pickled> values = List.copyOf(tail);
    stack.subList(mark, stack.size()).clear();
    return values;
  }

  private Pickled remembered(long index) throws FormatException {
    @Nullable Pickled value = memo.get(index);
    if (value == null) {
      throw fault("expected a value that was remembered as %d".formatted(index));
    }
    return value;
  }

  private int unsigned() throws FormatException {
    return (int) number(1);
  }

  /// A little-endian number without sign, of so many bytes.
  private long number(int bytes) throws FormatException {
    if (in.remaining() < bytes) {
      throw fault("the pickle ends too early");
    }
    return switch (bytes) {
      case 1 -> in.get() & 0xff;
      case 2 -> in.getShort() & 0xffff;
      case 4 -> in.getInt() & 0xffffffffL;
      default -> in.getLong();
    };
  }

  /// A two's complement of so many bytes.
  private Pickled integer(long length) throws FormatException {
    byte[] bytes = bytes(length);
    if (bytes.length > Long.BYTES) {
      return new Pickled.Other("an integer of more than 64 bits");
    }
    long value = bytes.length > 0 && bytes[bytes.length - 1] < 0 ? -1 : 0;
    for (int i = bytes.length - 1; i >= 0; i--) {
      value = value << 8 | (bytes[i] & 0xff);
    }
    return new Pickled.Whole(value);
  }

  private Pickled text(long length) throws FormatException {
    return new Pickled.Text(decoded(bytes(length)));
  }

  private String line() throws FormatException {
    int begin = in.position();
    while (unsigned() != '\n') {
      // On to the end of the line.
    }
    byte[] bytes = new byte[in.position() - 1 - begin];
    in.get(begin, bytes);
    return decoded(bytes);
  }

  private String decoded(byte[] bytes) throws FormatException {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw fault("expected UTF-8");
    }
  }

  private Pickled skipped(long length) throws FormatException {
    bytes(length);
    return new Pickled.Other("bytes");
  }

  private byte[] bytes(long length) throws FormatException {
    if (length < 0 || length > in.remaining()) {
      throw fault("the pickle ends too early");
    }
    byte[] bytes = new byte[(int) length];
    in.get(bytes);
    return bytes;
  }

  private FormatException fault(String expected) {
    return new FormatException(file, base + operation, expected);
  }
}
