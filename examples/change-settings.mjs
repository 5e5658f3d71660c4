// Change two settings in one revision through the admin API: all or none.
const service = process.env.FEATHERY_SERVICE_URI ?? 'http://localhost:8383';
const headers = {
  authorization: `Bearer ${process.env.FEATHERY_ADMIN_TOKEN}`,
  'content-type': 'application/json',
};

const response = await fetch(`${service}/api/v1/environments/production/changes`, {
  method: 'POST',
  headers,
  body: JSON.stringify({
    comment: 'Launch of PDF export',
    changes: [
      { setting: 'pdf-export', patch: { on: true } },
      { setting: 'requests-per-minute', patch: { on: true, fallthrough: { variation: 1 } } },
    ],
  }),
});

const answer = await response.json();
console.log(response.ok ? `revision ${answer.revision}` : `${answer.code}: ${answer.detail}`);
