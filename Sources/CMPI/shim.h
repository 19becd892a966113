#include <mpi.h>

/* What Swift cannot import of mpi.h, because it is a macro or, from one MPI to the next, a number or a pointer. Every function
   returns what the MPI function of its name does, and works on all ranks. */

/* An operation under way. */
typedef struct mpi_request {
  MPI_Request handle;
} mpi_request;

typedef struct mpi_communicator {
  MPI_Comm handle;
} mpi_communicator;

/* Errors come back as values from now on. Any thread may call MPI, one at a time. `ending` is for ranks that end: all ranks, apart
   from all else that is under way. */
static inline int mpi_start(int *rank, int *rank_count, int *level, mpi_communicator *ending) {
  int error = MPI_Init_thread(NULL, NULL, MPI_THREAD_SERIALIZED, level);
  if (!error) error = MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
  if (!error) error = MPI_Comm_dup(MPI_COMM_WORLD, &ending->handle);
  if (!error) error = MPI_Comm_rank(MPI_COMM_WORLD, rank);
  if (!error) error = MPI_Comm_size(MPI_COMM_WORLD, rank_count);
  return error;
}

static const int mpi_thread_serialized = MPI_THREAD_SERIALIZED;
static const int mpi_longest_text = MPI_MAX_ERROR_STRING;

static inline int mpi_isend_floats(const float *values, int count, int rank, mpi_request *request) {
  return MPI_Isend(values, count, MPI_FLOAT, rank, 0, MPI_COMM_WORLD, &request->handle);
}

static inline int mpi_irecv_floats(float *values, int count, int rank, mpi_request *request) {
  return MPI_Irecv(values, count, MPI_FLOAT, rank, 0, MPI_COMM_WORLD, &request->handle);
}

/* Each rank's own bytes stand at its place already. */
static inline int mpi_iallgatherv_bytes(void *bytes, const int *counts, const int *offsets, mpi_request *request) {
  return MPI_Iallgatherv(MPI_IN_PLACE, 0, MPI_DATATYPE_NULL, bytes, counts, offsets, MPI_BYTE, MPI_COMM_WORLD,
                         &request->handle);
}

static inline int mpi_ibcast_bytes(void *bytes, int count, int root, mpi_request *request) {
  return MPI_Ibcast(bytes, count, MPI_BYTE, root, MPI_COMM_WORLD, &request->handle);
}

static inline int mpi_ibarrier(mpi_communicator communicator, mpi_request *request) {
  return MPI_Ibarrier(communicator.handle, &request->handle);
}

static inline int mpi_testall(int count, mpi_request *requests, int *is_done) {
  return MPI_Testall(count, (MPI_Request *)requests, is_done, MPI_STATUSES_IGNORE);
}

static inline void mpi_abort(int status) { MPI_Abort(MPI_COMM_WORLD, status); }
