import com.google.rpc.BadRequest;
import com.google.type.TimeOfDay;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The life of a cluster of each engine by the official Java SDK, unchanged:
 *
 * <pre>mdb-emulator exec -- clients/java/run</pre>
 *
 * The SDK finds the services by discovery and trades its OAuth token for one of theirs. Then each journey goes: look up
 * presets, create, find by a filter, back up, list the backups over two pages, update by mask, be refused, restore, change hosts, shards,
 * users and databases, delete. The first thing that is not as it should be ends the program with an exception.
 */
final class Journey {
    /** A page of a list of backups, by their ids. */
    record Page(List<String> backups, String nextPageToken) {
    }

    /** What a journey needs of an engine. */
    interface Engine {
        /** Looks up the preset that is used. */
        void choose();

        /** Makes a cluster; returns its id once it is running. */
        String create(String folder);

        /** The ids of the clusters in a folder that a filter lets through. */
        List<String> found(String folder, String filter);

        void backUp(String cluster);

        /** Asks for a cluster with these labels and nothing else. */
        void createLabelled(Map<String, String> labels);

        /** Two backups a page. */
        Page backups(String cluster, String pageToken);

        /** Updates the start of the daily backup and nothing else. */
        void moveWindow(String cluster, TimeOfDay to);

        TimeOfDay window(String cluster);

        /** Makes a cluster of a backup; returns its id. */
        String restore(String backup, String folder);

        /** Updates hosts, adds and deletes them, and lets another lead, as far as the engine can; then does so with shards. */
        void changeHosts(String cluster);

        /** Makes users and databases, changes and deletes them; may bring back what a backup has. */
        void changeContents(String cluster, String backup);

        void delete(String cluster);
    }

    public static void main(String[] arguments) throws InterruptedException {
        String address = System.getenv().getOrDefault("MDB_EMULATOR_ADDRESS", "localhost:7300");
        try (Session session = new Session(address)) {
            System.out.println("Redis: " + journey(new Redis(session)));
            System.out.println("MySQL: " + journey(new Mysql(session)));
            System.out.println("SQL Server: " + journey(new SqlServer(session)));
            System.out.println("SPQR: " + journey(new Spqr(session)));
        }
    }

    /** Takes a cluster from Create to Delete; returns what there is to tell. */
    private static String journey(Engine engine) throws InterruptedException {
        String folder = String.format("b1g%017x", System.nanoTime());
        engine.choose();
        String cluster = engine.create(folder);
        expect(engine.found(folder, "name=\"journey\""), List.of(cluster));
        expect(engine.found(folder, "name=\"another\""), List.of());

        for (int made = 0; made < 3; made++) {
            engine.backUp(cluster);
        }
        Page first = engine.backups(cluster, "");
        Page second = engine.backups(cluster, first.nextPageToken());
        expect(List.of(first.backups().size(), second.backups().size()), List.of(2, 1));
        expect(second.nextPageToken(), "");
        expect(new ArrayList<>(first.backups()).removeAll(second.backups()), false);

        TimeOfDay window = TimeOfDay.newBuilder().setHours(3).setMinutes(30).build();
        engine.moveWindow(cluster, window);
        expect(engine.window(cluster), window);
        Status refusal = refused(() -> engine.moveWindow(cluster, window)).getStatus();
        expect(refusal.getCode(), Status.Code.FAILED_PRECONDITION);
        expect(refusal.getDescription(), "no changes detected");

        // Sixty-four broken rules still make headers that the client takes.
        Map<String, String> labels =
                IntStream.range(0, 64).boxed().collect(Collectors.toMap(number -> "Label" + number, number -> ""));
        StatusRuntimeException broken = refused(() -> engine.createLabelled(labels));
        expect(broken.getStatus().getCode(), Status.Code.INVALID_ARGUMENT);
        BadRequest details = Session.unpack(StatusProto.fromThrowable(broken).getDetails(0), BadRequest.class);
        expect(details.getFieldViolationsList().stream().anyMatch(each -> each.getField().equals("labels[\"Label0\"]")), true);

        // A point in time comes after the second in which the backup ended.
        Thread.sleep(2_000);
        String restored = engine.restore(first.backups().get(0), folder);
        engine.changeHosts(cluster);
        engine.changeContents(cluster, first.backups().get(0));

        for (String each : List.of(cluster, restored)) {
            engine.delete(each);
            expect(refused(() -> engine.window(each)).getStatus().getCode(), Status.Code.NOT_FOUND);
        }
        return "cluster " + cluster + ", 3 backups, restored as " + restored + ", refused with " + refusal.getCode();
    }

    static void refused(Status.Code code, Runnable call) {
        expect(refused(call).getStatus().getCode(), code);
    }

    private static StatusRuntimeException refused(Runnable call) {
        try {
            call.run();
        } catch (StatusRuntimeException refusal) {
            return refusal;
        }
        throw new AssertionError("it is not refused");
    }

    static void expect(Object actual, Object wanted) {
        if (!wanted.equals(actual)) {
            throw new AssertionError("got " + actual + ", but should be " + wanted);
        }
    }
}
