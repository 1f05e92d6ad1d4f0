import asyncio

from monitoring.core.cancel import cancel_and_wait


async def test_a_task_that_loses_a_cancellation_still_ends():
    async def stubborn():
        for _ in range(2):
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                continue
        await asyncio.sleep(60)

    task = asyncio.create_task(stubborn())
    await asyncio.sleep(0)
    await cancel_and_wait(task)
    assert task.cancelled()


async def test_exceptions_of_the_task_are_not_raised_here():
    async def failing():
        try:
            await asyncio.sleep(60)
        finally:
            raise RuntimeError("its own")

    task = asyncio.create_task(failing())
    await asyncio.sleep(0)
    await cancel_and_wait(task)
    assert isinstance(task.exception(), RuntimeError)
