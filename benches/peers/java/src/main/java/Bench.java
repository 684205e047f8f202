import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.config.DefaultDriverOption;
import com.datastax.oss.driver.api.core.config.DriverConfigLoader;
import com.datastax.oss.driver.api.core.cql.AsyncResultSet;
import com.datastax.oss.driver.api.core.cql.BatchStatement;
import com.datastax.oss.driver.api.core.cql.BatchStatementBuilder;
import com.datastax.oss.driver.api.core.cql.DefaultBatchType;
import com.datastax.oss.driver.api.core.cql.PreparedStatement;
import com.datastax.oss.driver.api.core.cql.Row;
import com.datastax.oss.driver.api.core.cql.Statement;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongFunction;
import java.util.function.ToLongFunction;

/**
 * The workloads of the comparison with the Java driver: ADDRESS WORKLOAD TOTAL IN_FLIGHT WARM_UP.
 *
 * <p>Statements, sums and sizes are those of benches/src/job.rs and work.rs. WARM_UP operations are run first, for the compiler.
 */
public final class Bench {
  private static final String INSERT = "INSERT INTO bench.kv (pk, v1, v2) VALUES (?, ?, ?)";
  private static final String WIDE =
      "SELECT id, name, city, age, score, active, created, ref, payload, weight FROM bench.wide ";
  private static final int PAGE = 5_000;
  private static final int BATCH = 64;
  private static final int KEYS = 256;

  public static void main(String[] args) throws Exception {
    String[] address = args[0].split(":");
    String workload = args[1];
    int total = Integer.parseInt(args[2]);
    int inFlight = Integer.parseInt(args[3]);
    int warmUp = Integer.parseInt(args[4]);
    CqlSession session =
        CqlSession.builder()
            .addContactPoint(new InetSocketAddress(address[0], Integer.parseInt(address[1])))
            .withLocalDatacenter(System.getProperty("datacenter", "datacenter1"))
            .withConfigLoader(config(workload.equals("batch")))
            .build();
    long sum;
    if (workload.startsWith("scan")) {
      scan(session, warmUp);
      sum = scan(session, total);
    } else {
      LongFunction<Statement<?>> statement = statements(session, workload);
      ToLongFunction<Row> part = workload.equals("select") ? Bench::sum : row -> 1;
      run(session, warmUp, inFlight, statement, part);
      sum = run(session, total, inFlight, statement, part);
    }
    System.out.println("sum=" + Long.toUnsignedString(sum) + " allocations=nan peak_kib=" + peak());
    System.exit(0);
  }

  private static DriverConfigLoader config(boolean compressed) {
    var builder =
        DriverConfigLoader.programmaticBuilder()
            .withString(DefaultDriverOption.PROTOCOL_VERSION, "V4")
            .withString(DefaultDriverOption.REQUEST_CONSISTENCY, "ONE")
            .withString(
                DefaultDriverOption.TIMESTAMP_GENERATOR_CLASS, "ServerSideTimestampGenerator")
            .withInt(DefaultDriverOption.REQUEST_PAGE_SIZE, PAGE)
            .withDuration(DefaultDriverOption.REQUEST_TIMEOUT, Duration.ofSeconds(30));
    if (compressed) {
      builder = builder.withString(DefaultDriverOption.PROTOCOL_COMPRESSION, "lz4");
    }
    return builder.build();
  }

  private static LongFunction<Statement<?>> statements(CqlSession session, String workload) {
    switch (workload) {
      case "insert":
        PreparedStatement insert = session.prepare(INSERT);
        return n -> insert.bind(n, n + 1, n + 2);
      case "select":
        PreparedStatement select = session.prepare(WIDE + "WHERE id = ?");
        return n -> select.bind(n % KEYS);
      case "batch":
        PreparedStatement one = session.prepare(INSERT);
        return n -> {
          BatchStatementBuilder batch = BatchStatement.builder(DefaultBatchType.UNLOGGED);
          for (long i = 0; i < BATCH; i++) {
            batch.addStatement(one.bind(n, i, n + i));
          }
          return batch.build();
        };
      default:
        throw new IllegalArgumentException(workload);
    }
  }

  /** Runs so many statements, so many at a time; one at a time blocks this thread, as a user would write it. */
  private static long run(
      CqlSession session,
      int total,
      int inFlight,
      LongFunction<Statement<?>> statement,
      ToLongFunction<Row> part)
      throws InterruptedException {
    if (inFlight == 1) {
      long sum = 0;
      for (long n = 0; n < total; n++) {
        sum += part.applyAsLong(session.execute(statement.apply(n)).one());
      }
      return sum;
    }
    Semaphore free = new Semaphore(inFlight);
    AtomicLong sum = new AtomicLong();
    AtomicReference<Throwable> failure = new AtomicReference<>();
    for (long n = 0; n < total; n++) {
      free.acquire();
      session
          .executeAsync(statement.apply(n))
          .whenComplete(
              (AsyncResultSet result, Throwable error) -> {
                if (error == null) {
                  sum.addAndGet(part.applyAsLong(result.one()));
                } else {
                  failure.set(error);
                }
                free.release();
              });
    }
    free.acquire(inFlight);
    if (failure.get() != null) {
      throw new IllegalStateException(failure.get());
    }
    return sum.get();
  }

  private static long scan(CqlSession session, int rows) {
    PreparedStatement select = session.prepare(WIDE + "LIMIT " + rows);
    long sum = 0;
    for (Row row : session.execute(select.bind())) {
      sum += sum(row);
    }
    return sum;
  }

  private static long sum(Row row) {
    String name = row.getString(1);
    String city = row.getString(2);
    Instant created = row.getInstant(6);
    UUID ref = row.getUuid(7);
    ByteBuffer payload = row.getByteBuffer(8);
    return row.getLong(0)
        + bytes(name)
        + (city == null ? 0 : bytes(city))
        + row.getInt(3)
        + (long) row.getDouble(4)
        + (row.getBoolean(5) ? 1 : 0)
        + created.toEpochMilli()
        + (ref.getLeastSignificantBits() & 0xff)
        + payload.remaining()
        + (long) row.getFloat(9);
  }

  /** Length in UTF-8, which is what the other programs have; no letter here needs three bytes. */
  private static long bytes(String text) {
    long bytes = text.length();
    for (int i = 0; i < text.length(); i++) {
      bytes += text.charAt(i) < 0x80 ? 0 : 1;
    }
    return bytes;
  }

  /** Most memory that the process had, in KiB. */
  private static long peak() throws Exception {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("VmHWM:")) {
        return Long.parseLong(line.replaceAll("[^0-9]", ""));
      }
    }
    return 0;
  }
}
